// See the header.
#define _GNU_SOURCE
#include "CMemmem.h"

#include <string.h>

int memmem_finds(
    const void *haystack, size_t haystack_bytes, const void *needle, size_t needle_bytes) {
  return memmem(haystack, haystack_bytes, needle, needle_bytes) != NULL;
}
