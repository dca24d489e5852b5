// What the example needs of the system it runs on: port_semihosting.c for QEMU, port_stdio.c for a computer.
#ifndef PORT_H
#define PORT_H

#include <stddef.h>

// Of <string.h>, which a compiler without a C library lacks; libmemt.a brings both for such targets.
void *memcpy(void *to, const void *from, size_t count);
size_t strlen(const char *text);

// Prints a text that ends with a zero byte.
void port_print(const char *text);

#endif
