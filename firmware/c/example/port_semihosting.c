// A Cortex-M without a C library: start code, and Arm semihosting, which QEMU and debuggers serve.
#include "port.h"

#include <stdint.h>

extern uint32_t data_start, data_end, data_load, bss_start, bss_end, stack_top;
int main(void);

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_EXIT_EXTENDED = 0x20 };
enum { MODE_WRITE = 4, STOPPED_APPLICATION_EXIT = 0x20026 };

static uintptr_t semihosting(uintptr_t operation, const void *argument) {
    register uintptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

// The host's standard output is the file ":tt".
void port_print(const char *text) {
    static uintptr_t output;
    if (output == 0) {
        const uintptr_t name[3] = {(uintptr_t) ":tt", MODE_WRITE, 3};
        output = semihosting(SYS_OPEN, name);
    }
    const uintptr_t piece[3] = {output, (uintptr_t)text, strlen(text)};
    semihosting(SYS_WRITE, piece);
}

static _Noreturn void leave(uintptr_t status) {
    const uintptr_t reason[2] = {STOPPED_APPLICATION_EXIT, status};
    semihosting(SYS_EXIT_EXTENDED, reason);
    for (;;) {
    }
}

static void fault(void) { leave(101); }

void reset(void);
void reset(void) {
    // CPACR: full access to the floating point unit, before any code may use it.
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
    __asm__ volatile("dsb\nisb");
    const uint32_t *from = &data_load;
    for (uint32_t *to = &data_start; to < &data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = &bss_start; to < &bss_end; to++) {
        *to = 0;
    }
    leave((uintptr_t)main());
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} vectors = {&stack_top, {reset, fault, fault, fault, fault, fault}};
