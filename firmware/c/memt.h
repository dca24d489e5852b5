// memt: a memory for text. Written by cbindgen from firmware/c/src; do not edit.
//
// Functions return MEMT_STATUS_OK or what went wrong; memt_error tells the values. One thread at a time may use a
// memory. Pointers that are not said to be kept are only used during the call, and may not point into the memory that
// memt_init was given. Texts are UTF-8 with a length. Licence: MIT or Apache-2.0.

#ifndef MEMT_H
#define MEMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The size of the bank is chosen when the library is built (firmware/c/build.sh). A program that is compiled against a
// library of another size defines the same numbers before this header.
#ifndef MEMT_SLOTS
#define MEMT_SLOTS 128
#endif
#ifndef MEMT_TEXT_BYTES
#define MEMT_TEXT_BYTES 200
#endif
#ifndef MEMT_TERMS
#define MEMT_TERMS 32
#endif
#ifndef MEMT_SCRATCH_BYTES
#define MEMT_SCRATCH_BYTES 20480
#endif

// Bytes for memt_init; memt_memory_bytes() tells what the library needs.
#define MEMT_MEMORY_BYTES                                                                          \
    (MEMT_SCRATCH_BYTES +                                                                          \
     MEMT_SLOTS * (MEMT_TEXT_BYTES + MEMT_TERMS * MEMT_TERM_BYTES + MEMT_SLOT_EXTRA_BYTES) +       \
     MEMT_FIXED_BYTES)

// The score above which an answer is worth showing.
#define MEMT_DEFAULT_MIN_SCORE 0.5f

// For model images and the memory of memt_init: static MEMT_ALIGNED unsigned char memory[MEMT_MEMORY_BYTES];
#ifndef MEMT_ALIGNED
#if defined(__GNUC__) || defined(__clang__)
#define MEMT_ALIGNED __attribute__((aligned(16)))
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define MEMT_ALIGNED _Alignas(16)
#else
#error "define MEMT_ALIGNED so that a variable begins at a multiple of 16 bytes"
#endif
#endif


// Hits that one question can have.
#define MEMT_HITS_MAX 16

// Bytes of a memory besides its text and terms: a bound.
#define MEMT_SLOT_EXTRA_BYTES 176

// Bytes of a term.
#define MEMT_TERM_BYTES 5

// Bytes besides slots and scratch: a bound.
#define MEMT_FIXED_BYTES 3072

// Numbers in an embedding.
#define MEMT_DIMENSIONS 128

// 1.0 as an importance or strength: where every memory begins.
#define MEMT_FACTOR_ONE 4096

// 2.0: the most that counts.
#define MEMT_FACTOR_MAX 8192

// Meaning and words count.
#define MEMT_MODE_FUSED 0

// Only meaning counts.
#define MEMT_MODE_DENSE 1

// Only words count.
#define MEMT_MODE_LEXICAL 2

// What a function returns. Numbers keep their meaning; later versions may add some.
enum memt_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // Done.
    MEMT_STATUS_OK = 0,
    // A pointer that is needed is NULL.
    MEMT_STATUS_NULL_POINTER = 1,
    // A pointer is not aligned as its type asks for.
    MEMT_STATUS_MISALIGNED = 2,
    // The memory given is smaller than memt_memory_bytes().
    MEMT_STATUS_MEMORY_TOO_SMALL = 3,
    // The memory was not prepared by memt_init.
    MEMT_STATUS_NOT_INITIALISED = 4,
    // A length or number exceeds its limit.
    MEMT_STATUS_OUT_OF_RANGE = 5,
    // A text is not UTF-8.
    MEMT_STATUS_NOT_UTF8 = 6,
    // memt_use_model has not succeeded yet.
    MEMT_STATUS_NO_MODEL = 7,
    // The bytes are not a model image that this library reads.
    MEMT_STATUS_BAD_MODEL = 8,
    // The model needs more scratch: build the library with a larger MEMT_SCRATCH_BYTES.
    MEMT_STATUS_SCRATCH_TOO_SMALL = 9,
    // The bank or snapshot holds embeddings of another model.
    MEMT_STATUS_OTHER_MODEL = 10,
    // The text has no words.
    MEMT_STATUS_EMPTY_TEXT = 11,
    // The text does not fit a slot.
    MEMT_STATUS_TEXT_TOO_LONG = 12,
    // The text has more distinct terms than a slot or question holds.
    MEMT_STATUS_TOO_MANY_TERMS = 13,
    // Every slot is taken.
    MEMT_STATUS_FULL = 14,
    // The bank has given every key of its origin.
    MEMT_STATUS_KEYS_EXHAUSTED = 15,
    // There is no such memory.
    MEMT_STATUS_NOT_FOUND = 16,
    // The snapshot is damaged or of another version.
    MEMT_STATUS_BAD_SNAPSHOT = 17,
    // The caller's function stopped the export.
    MEMT_STATUS_STOPPED = 18,
    // Any other failure; memt_error tells.
    MEMT_STATUS_OTHER = 19,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum memt_status memt_status;
#else
typedef int32_t memt_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// A memory for text, in the caller's memory.
typedef struct memt memt;

// A memory to be written.
typedef struct {
    // Whose it is: any number.
    uint64_t owner;
    // UTF-8; a final zero byte is not needed.
    const char *text;
    // Bytes of the text, at most MEMT_TEXT_BYTES.
    size_t text_bytes;
    // The present, in seconds since 1970.
    uint32_t created;
    // How much its writer cares, 0 to MEMT_FACTOR_MAX; MEMT_FACTOR_ONE is usual.
    uint16_t importance;
    // When every slot is taken: give up the memory of least retention (and report it) instead of refusing.
    bool evict_when_full;
} memt_new_memory;

// Names a memory for ever.
typedef struct {
    // The device that made it.
    uint32_t origin;
    // A number that the device never gives again.
    uint32_t counter;
} memt_key;

// What a write did.
typedef struct {
    // The new memory's name.
    memt_key key;
    // The memory that had to go, if `has_evicted`.
    memt_key evicted;
    // Likeness of the text and its own slot, -1 to 1.
    float similarity;
    // The greatest likeness of the text to another memory of the same owner.
    float rival;
    // Whether the text finds its own slot first.
    bool verified;
    // Whether a memory had to go.
    bool has_evicted;
} memt_write_report;

// What to look for and where. `memt_query_options_of_owner` fills in what is usual.
typedef struct {
    // Whose memories, unless `every_owner`.
    uint64_t owner;
    // MEMT_MODE_FUSED, MEMT_MODE_DENSE or MEMT_MODE_LEXICAL.
    uint32_t mode;
    // Hits below this score are left out, 0 to 1.
    float min_score;
    // The present, in seconds since 1970; only read if `prefer_recent`.
    uint32_t now;
    // Whether to search all memories.
    bool every_owner;
    // Whether recent memories are to be preferred.
    bool prefer_recent;
    // Whether memories written just before and after a good one are to be preferred.
    bool prefer_neighbours;
} memt_query_options;

// A memory that answers a question.
typedef struct {
    // Which memory; `memt_get` gives its text.
    memt_key key;
    // When it was written.
    uint32_t created;
    // The score, 0 to 1; what hits are ordered by.
    float score;
    // Likeness of the embeddings, -1 to 1.
    float cosine;
    // BM25, 0 and up.
    float lexical;
    // What strength and recency multiplied the score by, up to 1.
    float factor;
    // What neighbours in time added to the score.
    float neighbours;
} memt_hit;

// A memory in the bank. The pointers are good until the bank changes.
typedef struct {
    // Its name.
    memt_key key;
    // Whose it is.
    uint64_t owner;
    // UTF-8, without a final zero byte.
    const char *text;
    // Bytes of the text.
    size_t text_bytes;
    // MEMT_DIMENSIONS numbers.
    const int8_t *embedding;
    // When it was written, in seconds since 1970.
    uint32_t created;
    // When it was last read or replayed.
    uint32_t accessed;
    // How often it was read.
    uint32_t accesses;
    // How well it is rehearsed: 4096 is 1.0.
    uint16_t strength;
    // How much its writer cares: 4096 is 1.0.
    uint16_t importance;
} memt_view;

// Counts over a bank or one owner's part of it.
typedef struct {
    // Memories.
    size_t memories;
    // Memories that the bank can hold.
    size_t capacity;
    // Bytes of the memories' texts.
    size_t text_bytes;
    // Sum of their access counts.
    uint64_t accesses;
    // The oldest memory's time; 0 if there is none.
    uint32_t oldest;
    // The newest memory's time; 0 if there is none.
    uint32_t newest;
    // Deletions that the bank no longer remembers: a merge may bring those memories back.
    uint32_t lost_deletions;
} memt_statistics_report;

// Takes the next bytes of a snapshot; false stops the export. It must not call functions of this library.
typedef bool (*memt_sink)(void *context, const uint8_t *bytes, size_t count);

// What an import did.
typedef struct {
    // Records read: where to resume.
    uint32_t records;
    // Memories that were new.
    uint32_t added;
    // Memories that were there already, or had been forgotten.
    uint32_t known;
    // Deletions taken in.
    uint32_t deletions;
    // Bytes of metadata that a device does not keep.
    uint32_t metadata_bytes;
} memt_import_report;

// Every status, in the order of their numbers.
#define memt_status_ALL { memt_status_Ok, memt_status_NullPointer, memt_status_Misaligned, memt_status_MemoryTooSmall, memt_status_NotInitialised, memt_status_OutOfRange, memt_status_NotUtf8, memt_status_NoModel, memt_status_BadModel, memt_status_ScratchTooSmall, memt_status_OtherModel, memt_status_EmptyText, memt_status_TextTooLong, memt_status_TooManyTerms, memt_status_Full, memt_status_KeysExhausted, memt_status_NotFound, memt_status_BadSnapshot, memt_status_Stopped, memt_status_Other, }

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The library's version, such as "0.1.0".
const char *memt_version(void);

// Bytes that memt_init needs: at most MEMT_MEMORY_BYTES, if both were built for the same sizes.
size_t memt_memory_bytes(void);

// What a status means. For any number a text that lives for ever.
const char *memt_status_text(int32_t status);

// Makes an empty memory in `memory`, which the caller keeps for as long as it is used. `origin` is part of every key:
// a number that no other device has, nor this one had before.
memt_status memt_init(void *memory,
                      size_t memory_bytes,
                      uint32_t origin,
                      memt **handle);

// What went wrong last, with the values: a text that lasts until the next failure. Empty if nothing did or `handle` is
// not a memory.
const char *memt_error(memt *handle);

// Encodes with the model image at `model` from now on. The image begins at a multiple of 16 bytes and stays unchanged
// for as long as it is used; flash is the place for it. A bank with memories keeps its model.
memt_status memt_use_model(memt *handle,
                           const uint8_t *model,
                           size_t model_bytes);

// The number that names the model's embedding space: equal exactly where embeddings may be compared.
memt_status memt_fingerprint(memt *handle,
                             uint64_t *fingerprint);

// Turns a text of any length into MEMT_DIMENSIONS numbers: the same on every machine.
memt_status memt_encode(memt *handle,
                        const char *text_at,
                        size_t text_bytes,
                        int8_t *embedding);

// Encodes and writes a memory, tells it from similar ones and its nearest rival from it (up to three more texts are
// encoded), and reads it back. `report` may be NULL. Nothing changes when it is refused.
memt_status memt_add(memt *handle,
                     const memt_new_memory *memory,
                     memt_write_report *report);

// Fills in the usual options: every memory of `owner`, meaning and words, scores of MEMT_DEFAULT_MIN_SCORE and more.
memt_status memt_query_options_of_owner(uint64_t owner,
                                        memt_query_options *options);

// Finds the best memories for a question: up to `capacity` (at most MEMT_HITS_MAX) in `hits`, best first, and their
// number in `found`. None is MEMT_STATUS_OK with 0 found.
memt_status memt_query(memt *handle,
                       const char *question,
                       size_t question_bytes,
                       const memt_query_options *options,
                       memt_hit *hits,
                       size_t capacity,
                       size_t *found);

// The memory of this name. The pointers in `view` are good until the bank changes.
memt_status memt_get(memt *handle, memt_key key, memt_view *view);

// The memory at place `index` from old to new, counted from 0; MEMT_STATUS_NOT_FOUND after the last. The pointers in
// `view` are good until the bank changes.
memt_status memt_at(memt *handle,
                    size_t index,
                    memt_view *view);

// Notes that a memory was read, so that it is kept longer.
memt_status memt_record_access(memt *handle, memt_key key, uint32_t now);

// Rehearses a memory: it scores a little higher, is kept longer and is told anew from similar ones. Needs a model.
memt_status memt_replay(memt *handle,
                        memt_key key,
                        uint32_t now);

// Forgets a memory. It stays forgotten when a later import brings it.
memt_status memt_forget(memt *handle, memt_key key, uint32_t now);

// Forgets every memory of an owner. Their number is in `forgotten`, which may be NULL.
memt_status memt_forget_owner(memt *handle, uint64_t owner, uint32_t now, size_t *forgotten);

// Forgets every memory. Their number is in `forgotten`, which may be NULL.
memt_status memt_forget_everything(memt *handle, uint32_t now, size_t *forgotten);

// Counts over all memories.
memt_status memt_statistics(memt *handle, memt_statistics_report *statistics);

// Counts over the memories of an owner.
memt_status memt_statistics_of_owner(memt *handle,
                                     uint64_t owner,
                                     memt_statistics_report *statistics);

// Gives `sink` the whole bank as a snapshot, piece by piece: memories and what was forgotten. `context` is handed
// through.
memt_status memt_export(memt *handle,
                        memt_sink sink,
                        void *context);

// Takes in the records of a snapshot from number `from` on. A record is taken whole or not at all; one that is there
// already changes nothing, so an import may be repeated. `report` may be NULL and is written on success.
memt_status memt_import(memt *handle,
                        const uint8_t *snapshot,
                        size_t snapshot_bytes,
                        uint32_t from,
                        memt_import_report *report);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MEMT_H */
