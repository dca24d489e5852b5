#![no_std]
#![no_main]
//! Prints one JSON object a line for each measured operation.

use core::hint::black_box;
use heapless::{String, Vec};
use memt_core::bank::Bank;
use memt_core::embedding::Embedding;
use memt_core::encoder::kernel::{
    Matrix, MatrixFormat, one_words, two_words, widen_one, widen_two,
};
use memt_core::encoder::{Encoder, Progress, Scratch};
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::snapshot::{self, MemoryRecord, Record, Writer};
use memt_core::write::{FitWeights, Learn, NewMemory, WhenFull, WriteReport};
use memt_qemu::board::{Exclusive, spin};
use memt_qemu::device::{LARGE_SCRATCH_BYTES, open_encoder};
use memt_qemu::failure::Failure;
use memt_qemu::instructions::InstructionCounter;
use memt_qemu::mailbox::Mailbox;
use memt_qemu::matrices::MatrixMemory;
use memt_qemu::program::MACHINE;
use memt_qemu::random::Random;
use memt_qemu::stack::high_water;
use memt_qemu::workload::{FOURTEEN_OTHER_WORDS, FOURTEEN_WORDS, QUESTION, long_text, memory};
use semihosting::println;

memt_qemu::program!(super::run);

const SLOTS: usize = 256;
const OWNER: Owner = Owner(0);

type FullBank = Bank<SLOTS, 200, 32>;
type EncoderScratch = Scratch<LARGE_SCRATCH_BYTES>;

static BANK: Exclusive<FullBank> = Exclusive::new(FullBank::new());
static IMPORTED: Exclusive<FullBank> = Exclusive::new(FullBank::new());
static SNAPSHOT: Exclusive<[u8; 96 * 1024]> = Exclusive::new([0; 96 * 1024]);
static SCRATCH: Exclusive<EncoderScratch> = Exclusive::new(EncoderScratch::new());
static MATRIX: Exclusive<MatrixMemory> = Exclusive::new(MatrixMemory::new());

const COLUMNS_MAX: usize = 256;

fn run() -> Result<(), Failure> {
    let counter = InstructionCounter::start();
    report(&counter, "calibrate/4M", 0, || spin(black_box(4_000_000)));

    measure_kernels(&counter, MATRIX.take());

    let model = Mailbox::open()?.model;
    open_encoder(model)?;
    report(&counter, "boot/model", 0, || {
        open_encoder(black_box(model)).is_ok()
    });

    let encoder = open_encoder(model)?;
    let scratch = SCRATCH.take();
    measure_encode(&counter, &encoder, scratch)?;

    let bank = BANK.take();
    bank.bind(encoder.fingerprint())?;
    fill(bank, &encoder, scratch)?;
    measure_query(&counter, bank, &encoder, scratch)?;
    measure_write(&counter, bank, &encoder, scratch)?;
    measure_import(&counter, bank)
}

/// A thousand times the instructions a product (multiplication and addition), widening included.
fn measure_kernels(counter: &InstructionCounter, memory: &mut MatrixMemory) {
    let mut random = Random::new(1);
    for (format, one, two, square) in [
        (
            MatrixFormat::I4,
            "matvec/256x128",
            "matmul/256x128x2",
            "matmul/128x128x2",
        ),
        (
            MatrixFormat::I8,
            "matvec/256x128/i8",
            "matmul/256x128x2/i8",
            "matmul/128x128x2/i8",
        ),
    ] {
        if let Some(matrix) = memory.fill(format, [128, 256], &mut random) {
            measure_one(counter, one, &matrix, &mut random);
            measure_two(counter, two, &matrix, &mut random);
        }
        if let Some(matrix) = memory.fill(format, [128, 128], &mut random) {
            measure_two(counter, square, &matrix, &mut random);
        }
    }
}

fn measure_one(
    counter: &InstructionCounter,
    operation: &str,
    matrix: &Matrix<'_>,
    random: &mut Random,
) {
    let mut input = [0; COLUMNS_MAX];
    input.fill_with(|| random.within(i16::MAX as u16));
    let mut words = [0; one_words(COLUMNS_MAX)];
    let mut out = [0; 128];
    let mut work = || {
        let input = black_box(&input[..matrix.columns()]);
        widen_one(matrix.format(), input, &mut words);
        matrix.multiply_one(&words, |row, sums| {
            out[row..][..sums.len()].copy_from_slice(sums)
        });
        black_box(&out);
    };
    report_products(
        counter,
        operation,
        matrix.rows() * matrix.columns(),
        &mut work,
    );
}

fn measure_two(
    counter: &InstructionCounter,
    operation: &str,
    matrix: &Matrix<'_>,
    random: &mut Random,
) {
    let mut inputs = [[0; COLUMNS_MAX]; 2];
    for input in &mut inputs {
        input.fill_with(|| random.within(127) as i8);
    }
    let mut words = [0; two_words(COLUMNS_MAX)];
    let mut out = [[0; 2]; 128];
    let mut work = || {
        let inputs = black_box(&inputs).each_ref();
        let inputs = inputs.map(|input| &input[..matrix.columns()]);
        widen_two(matrix.format(), inputs, &mut words);
        matrix.multiply_two(&words, |row, sums| {
            out[row..][..sums.len()].copy_from_slice(sums)
        });
        black_box(&out);
    };
    report_products(
        counter,
        operation,
        2 * matrix.rows() * matrix.columns(),
        &mut work,
    );
}

fn report_products(
    counter: &InstructionCounter,
    operation: &str,
    products: usize,
    mut work: impl FnMut(),
) {
    let ((), instructions) = counter.count(&mut work);
    let ((), stack_bytes) = high_water(&mut work);
    let each_x1000 = instructions * 1000 / products as u64;
    print_row(operation, each_x1000, 0, stack_bytes);
}

fn measure_encode(
    counter: &InstructionCounter,
    encoder: &Encoder<'_>,
    scratch: &mut EncoderScratch,
) -> Result<(), Failure> {
    encoder.encode(FOURTEEN_WORDS, scratch)?;
    let scratch_bytes = encoder.image().config().scratch_bytes();
    report(counter, "encode/default/14", scratch_bytes, || {
        encoder.encode(black_box(FOURTEEN_WORDS), scratch).is_ok()
    });
    measure_longest_step(counter, encoder, scratch)
}

/// The longest step of a text that fills windows.
fn measure_longest_step(
    counter: &InstructionCounter,
    encoder: &Encoder<'_>,
    scratch: &mut EncoderScratch,
) -> Result<(), Failure> {
    let text = long_text();
    let mut encoding = encoder.begin(&text);
    let mut longest = 0;
    loop {
        let (progress, instructions) = counter.count(|| encoding.step(scratch));
        longest = longest.max(instructions);
        if progress? == Progress::Done {
            break;
        }
    }
    let mut encoding = encoder.begin(&text);
    let (_, stack_bytes) = high_water(|| while encoding.step(scratch) == Ok(Progress::More) {});
    let scratch_bytes = encoder.image().config().scratch_bytes();
    print_row("step/max", longest, scratch_bytes, stack_bytes);
    Ok(())
}

fn fill(
    bank: &mut FullBank,
    encoder: &Encoder<'_>,
    scratch: &mut EncoderScratch,
) -> Result<(), Failure> {
    for number in 0..SLOTS as u32 {
        let text = memory(number);
        let embedding = encoder.encode(&text, scratch)?;
        add(bank, &text, &embedding, number)?;
    }
    Ok(())
}

fn add(
    bank: &mut FullBank,
    text: &str,
    embedding: &Embedding,
    created: u32,
) -> Result<WriteReport, Failure> {
    let memory = NewMemory {
        owner: OWNER,
        text,
        embedding,
        created: Timestamp(created),
        importance: Factor::ONE,
    };
    Ok(bank.add(&memory, WhenFull::Refuse)?)
}

fn measure_query(
    counter: &InstructionCounter,
    bank: &FullBank,
    encoder: &Encoder<'_>,
    scratch: &mut EncoderScratch,
) -> Result<(), Failure> {
    let embedding = encoder.encode(QUESTION, scratch)?;
    let options = QueryOptions::of_owner(OWNER);
    let mut hits = [Hit::default(); 10];
    bank.query(QUESTION, &embedding, &options, &mut hits)?;
    report(counter, "query/256", 0, || {
        bank.query(black_box(QUESTION), &embedding, &options, &mut hits)
            .is_ok()
    });
    Ok(())
}

/// Texts that a write encodes, with their embeddings, so that encoding is not measured again.
type Encoded = Vec<(String<128>, Embedding), 4>;

/// Writes the 256th memory, which has a rival, fits both among the others, and forgets the memory again
/// after each time. What fits encode is looked up.
fn measure_write(
    counter: &InstructionCounter,
    bank: &mut FullBank,
    encoder: &Encoder<'_>,
    scratch: &mut EncoderScratch,
) -> Result<(), Failure> {
    let now = Timestamp(SLOTS as u32);
    for _ in 0..2 {
        if let Some(newest) = bank.owned_by(None).last().map(|slot| slot.facts.key) {
            bank.forget(newest, now);
        }
    }
    let rival = encoder.encode(FOURTEEN_OTHER_WORDS, scratch)?;
    add(bank, FOURTEEN_OTHER_WORDS, &rival, now.0)?;
    let embedding = encoder.encode(FOURTEEN_WORDS, scratch)?;
    let mut encoded = Encoded::new();
    let written = write(bank, &embedding, now, |text| {
        let embedding = encoder.encode(text, scratch)?;
        // A write encodes three texts of up to 128 bytes, so there is room.
        let _ = String::try_from(text).map(|text| encoded.push((text, embedding)));
        Ok(embedding)
    });
    bank.forget(written?, now);
    let known = |text: &str| {
        let known = encoded.iter().find(|known| known.0 == text);
        Ok(known.map_or(Embedding::ZERO, |known| known.1))
    };
    let (written, instructions) = counter.count(|| write(bank, &embedding, now, known));
    bank.forget(written?, now);
    let (written, stack_bytes) = high_water(|| write(bank, &embedding, now, known));
    written?;
    print_row("write/256", instructions, 0, stack_bytes);
    Ok(())
}

fn write(
    bank: &mut FullBank,
    embedding: &Embedding,
    now: Timestamp,
    encode: impl FnMut(&str) -> Result<Embedding, Failure>,
) -> Result<Key, Failure> {
    let key = add(bank, black_box(FOURTEEN_WORDS), embedding, now.0)?.key;
    bank.learn(key, FitWeights::default(), encode)?;
    Ok(key)
}

/// Takes a snapshot of the bank into an empty one.
fn measure_import(counter: &InstructionCounter, bank: &FullBank) -> Result<(), Failure> {
    let snapshot = write_snapshot(bank, SNAPSHOT.take())?;
    let imported = IMPORTED.take();
    let (report, instructions) = counter.count(|| snapshot::import(imported, snapshot, 0));
    report?;
    imported.forget_all(None, Timestamp(0));
    let (report, stack_bytes) = high_water(|| snapshot::import(imported, snapshot, 0));
    report?;
    print_row("import/256", instructions, 0, stack_bytes);
    Ok(())
}

fn write_snapshot<'b>(bank: &FullBank, buffer: &'b mut [u8]) -> Result<&'b [u8], Failure> {
    let fingerprint = bank.fingerprint().unwrap_or_default();
    let (mut writer, header) = Writer::begin(fingerprint, SLOTS as u32);
    buffer[..header.len()].copy_from_slice(&header);
    let mut at = header.len();
    for slot in bank.owned_by(None) {
        let record = Record::Memory(MemoryRecord::of(slot, &[]));
        at += writer.record(&record, &mut buffer[at..])?.len();
    }
    let trailer = writer.finish()?;
    buffer[at..at + trailer.len()].copy_from_slice(&trailer);
    Ok(&buffer[..at + trailer.len()])
}

/// Runs `work` twice: once for its instructions, once for its stack.
fn report<R>(
    counter: &InstructionCounter,
    operation: &str,
    scratch_bytes: usize,
    mut work: impl FnMut() -> R,
) {
    let (_, instructions) = counter.count(&mut work);
    let (_, stack_bytes) = high_water(&mut work);
    print_row(operation, instructions, scratch_bytes, stack_bytes);
}

fn print_row(operation: &str, instructions: u64, scratch_bytes: usize, stack_bytes: usize) {
    println!(
        "{{\"machine\":\"{MACHINE}\",\"operation\":\"{operation}\",\"instructions\":{instructions},\"scratch_bytes\":{scratch_bytes},\"stack_bytes\":{stack_bytes}}}"
    );
}
