//! The machine's first serial port, polled.

/// The registers of one kind of UART.
struct Layout {
    /// Where they begin.
    base: usize,
    /// Bytes from there to the data, to write and to read.
    data: usize,
    /// Bytes to the status.
    status: usize,
    /// Status bits that say that nothing can be read, when they have this value.
    empty: (u32, u32),
    /// Status bits that say that nothing can be written, when they have this value.
    full: (u32, u32),
    /// Writes that turn it on: bytes to a register and a value.
    enable: &'static [(usize, u32)],
    /// Whether registers are bytes; they are words otherwise.
    bytes: bool,
}

/// CMSDK APB UART (Arm DDI 0479, section 4.3).
#[cfg(target_arch = "arm")]
const fn layout() -> Layout {
    Layout {
        base: cmsdk_base(),
        data: 0,
        status: 4,
        empty: (2, 0),
        full: (1, 1),
        enable: &[(16, 16), (8, 3)],
        bytes: false,
    }
}

#[cfg(target_arch = "arm")]
const fn cmsdk_base() -> usize {
    match option_env!("MEMT_MEMORY") {
        Some(memory) if is(memory, "mps2-an505") => 0x4020_0000,
        Some(memory) if is(memory, "mps3-an547") => 0x4930_3000,
        _ => 0x4000_4000,
    }
}

#[cfg(target_arch = "arm")]
const fn is(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// 16550A.
#[cfg(target_arch = "riscv32")]
const fn layout() -> Layout {
    Layout {
        base: 0x1000_0000,
        data: 0,
        status: 5,
        empty: (1, 0),
        full: (0x20, 0),
        enable: &[],
        bytes: true,
    }
}

/// PL011 (Arm DDI 0183).
#[cfg(target_arch = "aarch64")]
const fn layout() -> Layout {
    Layout {
        base: 0x0900_0000,
        data: 0,
        status: 0x18,
        empty: (0x10, 0x10),
        full: (0x20, 0x20),
        enable: &[(0x30, 0x301)],
        bytes: false,
    }
}

const LAYOUT: Layout = layout();

/// The first serial port. Only one is made, by [`take`](Self::take).
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Turns the port on.
    pub fn take() -> Self {
        for &(offset, value) in LAYOUT.enable {
            store(offset, value);
        }
        Self(())
    }

    /// A byte, if one has come.
    pub fn receive(&mut self) -> Option<u8> {
        let (mask, value) = LAYOUT.empty;
        (load(LAYOUT.status) & mask != value).then(|| load(LAYOUT.data) as u8)
    }

    /// Whether a byte has come.
    pub fn is_ready(&mut self) -> bool {
        let (mask, value) = LAYOUT.empty;
        load(LAYOUT.status) & mask != value
    }

    /// Sends a byte as soon as there is room.
    pub fn send(&mut self, byte: u8) {
        let (mask, value) = LAYOUT.full;
        while load(LAYOUT.status) & mask == value {}
        store(LAYOUT.data, u32::from(byte));
    }
}

fn load(offset: usize) -> u32 {
    let address = LAYOUT.base + offset;
    // SAFETY: the machine has this register there, and reading it touches no memory of the program.
    unsafe {
        match LAYOUT.bytes {
            true => u32::from((address as *const u8).read_volatile()),
            false => (address as *const u32).read_volatile(),
        }
    }
}

fn store(offset: usize, value: u32) {
    let address = LAYOUT.base + offset;
    // SAFETY: the machine has this register there, and writing it touches no memory of the program.
    unsafe {
        match LAYOUT.bytes {
            true => (address as *mut u8).write_volatile(value as u8),
            false => (address as *mut u32).write_volatile(value),
        }
    }
}
