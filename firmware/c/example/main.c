// Writes memories, asks questions, forgets, and takes the bank through a snapshot. Every line that it prints is
// compared with what memt computes on a computer (tests/tests/c_interface.rs).
#include "memt.h"
#include "port.h"

extern const uint8_t model[], model_end[];

static MEMT_ALIGNED unsigned char memory[MEMT_MEMORY_BYTES];
static uint8_t snapshot[8192];

enum { HOME = 1, GARAGE = 2, NOW = 1760000000 };

static const struct {
    uint64_t owner;
    const char *text;
} memories[] = {
    {HOME, "The boiler valve was replaced on Tuesday by a plumber from Graz."},
    {HOME, "Grandmother takes her blood pressure pills at eight in the morning."},
    {HOME, "The spare key hangs behind the fuse box in the hallway."},
    {HOME, "Anna's school play starts at half past six on the 14th of June."},
    {HOME, "The cat is allergic to chicken, so we buy the salmon food."},
    {HOME, "Das Passwort für das Gästenetz steht auf dem Zettel am Kühlschrank."},
    {GARAGE, "The winter tyres need 2.4 bar in front and 2.6 at the rear."},
    {GARAGE, "The oil was changed at 84,200 kilometres."},
};

static const struct {
    uint64_t owner;
    const char *text;
} questions[] = {
    {HOME, "when did we fix the heating?"},
    {HOME, "what can our pet not eat?"},
    {HOME, "how do I get into the house without my key?"},
    {HOME, "medicine for granny"},
    {GARAGE, "how much air goes into the wheels?"},
    {GARAGE, "when did we fix the heating?"},
};

static void print_count(uint32_t number) {
    char digits[11];
    char *at = digits + sizeof digits;
    *--at = 0;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    port_print(at);
}

static void print_bytes(const void *bytes, size_t count) {
    static const char digits[] = "0123456789abcdef";
    for (size_t index = 0; index < count; index++) {
        const uint8_t byte = ((const uint8_t *)bytes)[index];
        const char pair[3] = {digits[byte >> 4], digits[byte & 15], 0};
        port_print(pair);
    }
}

static void print_float(float number) {
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    const uint8_t big_endian[4] = {(uint8_t)(bits >> 24), (uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
    port_print(" ");
    print_bytes(big_endian, sizeof big_endian);
}

static void print_key(memt_key key) {
    port_print(" ");
    print_count(key.origin);
    port_print("-");
    print_count(key.counter);
}

static void print_text(const char *text, size_t bytes) {
    port_print(" ");
    for (; bytes > 0; bytes--) {
        const char letter[2] = {*text++, 0};
        port_print(letter);
    }
    port_print("\n");
}

// Says what failed; the program's exit status is then 1.
static int failed(memt *m, const char *what, memt_status status) {
    port_print("failed ");
    port_print(what);
    port_print(": ");
    port_print(memt_status_text(status));
    port_print(": ");
    port_print(memt_error(m));
    port_print("\n");
    return 1;
}

static memt_status add(memt *m, uint64_t owner, const char *text) {
    const memt_new_memory new_memory = {
        .owner = owner,
        .text = text,
        .text_bytes = strlen(text),
        .created = NOW,
        .importance = MEMT_FACTOR_ONE,
        .evict_when_full = false,
    };
    memt_write_report report;
    const memt_status status = memt_add(m, &new_memory, &report);
    if (status == MEMT_STATUS_OK) {
        port_print("add");
        print_key(report.key);
        port_print(report.verified ? " verified " : " unverified ");
        print_count((uint32_t)owner);
        print_text(text, strlen(text));
    }
    return status;
}

static memt_status ask(memt *m, uint64_t owner, const char *question) {
    memt_query_options options;
    memt_query_options_of_owner(owner, &options);
    options.min_score = 0.0f;
    memt_hit hits[3];
    size_t found;
    memt_status status = memt_query(m, question, strlen(question), &options, hits, 3, &found);
    if (status != MEMT_STATUS_OK) {
        return status;
    }
    port_print("ask ");
    print_count((uint32_t)owner);
    print_text(question, strlen(question));
    for (size_t index = 0; index < found; index++) {
        memt_view view;
        status = memt_get(m, hits[index].key, &view);
        if (status != MEMT_STATUS_OK) {
            return status;
        }
        port_print("hit");
        print_key(view.key);
        print_float(hits[index].score);
        print_float(hits[index].cosine);
        print_float(hits[index].lexical);
        print_text(view.text, view.text_bytes);
    }
    return status;
}

static memt_status ask_everything(memt *m) {
    for (size_t index = 0; index < sizeof questions / sizeof *questions; index++) {
        const memt_status status = ask(m, questions[index].owner, questions[index].text);
        if (status != MEMT_STATUS_OK) {
            return status;
        }
    }
    return MEMT_STATUS_OK;
}

// Keeps a snapshot in `snapshot`; a product writes it to flash or sends it.
static bool keep(void *context, const uint8_t *bytes, size_t count) {
    size_t *used = context;
    if (count > sizeof snapshot - *used) {
        return false;
    }
    memcpy(snapshot + *used, bytes, count);
    *used += count;
    return true;
}

int main(void) {
    memt *m = NULL;
    memt_status status = memt_init(memory, sizeof memory, 7, &m);
    if (status != MEMT_STATUS_OK) {
        return failed(m, "memt_init", status);
    }
    status = memt_use_model(m, model, (size_t)(model_end - model));
    if (status != MEMT_STATUS_OK) {
        return failed(m, "memt_use_model", status);
    }
    port_print("memt ");
    port_print(memt_version());
    port_print("\n");

    static const char sentence[] = "A text of any length becomes the same numbers everywhere.";
    int8_t embedding[MEMT_DIMENSIONS];
    status = memt_encode(m, sentence, strlen(sentence), embedding);
    if (status != MEMT_STATUS_OK) {
        return failed(m, "memt_encode", status);
    }
    port_print("embedding ");
    print_bytes(embedding, sizeof embedding);
    print_text(sentence, strlen(sentence));

    for (size_t index = 0; index < sizeof memories / sizeof *memories; index++) {
        status = add(m, memories[index].owner, memories[index].text);
        if (status != MEMT_STATUS_OK) {
            return failed(m, "memt_add", status);
        }
    }
    status = ask_everything(m);
    if (status != MEMT_STATUS_OK) {
        return failed(m, "memt_query", status);
    }

    const memt_key tyres = {.origin = 7, .counter = 6};
    status = memt_forget(m, tyres, NOW + 60);
    if (status != MEMT_STATUS_OK) {
        return failed(m, "memt_forget", status);
    }
    port_print("forget");
    print_key(tyres);
    port_print("\n");

    size_t used = 0;
    status = memt_export(m, keep, &used);
    if (status != MEMT_STATUS_OK) {
        return failed(m, "memt_export", status);
    }
    port_print("snapshot ");
    print_bytes(snapshot, used);
    port_print("\n");

    // As after a restart: an empty bank, the same model, the memories from the snapshot.
    status = memt_init(memory, sizeof memory, 8, &m);
    if (status == MEMT_STATUS_OK) {
        status = memt_use_model(m, model, (size_t)(model_end - model));
    }
    memt_import_report report = {0};
    if (status == MEMT_STATUS_OK) {
        status = memt_import(m, snapshot, used, 0, &report);
    }
    if (status != MEMT_STATUS_OK) {
        return failed(m, "restart", status);
    }
    port_print("import ");
    print_count(report.added);
    port_print(" ");
    print_count(report.deletions);
    port_print("\n");
    status = ask_everything(m);
    if (status != MEMT_STATUS_OK) {
        return failed(m, "memt_query", status);
    }
    memt_statistics_report counts;
    status = memt_statistics(m, &counts);
    if (status != MEMT_STATUS_OK) {
        return failed(m, "memt_statistics", status);
    }
    port_print("statistics ");
    print_count((uint32_t)counts.memories);
    port_print(" ");
    print_count((uint32_t)counts.text_bytes);
    port_print("\n");
    return 0;
}
