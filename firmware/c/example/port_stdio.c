#include "port.h"

#include <stdio.h>

void port_print(const char *text) { fputs(text, stdout); }
