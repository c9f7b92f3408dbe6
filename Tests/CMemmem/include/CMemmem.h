// glibc's memmem, which Swift's Glibc module leaves out for want of _GNU_SOURCE: the yardstick of
// the multipart benchmark.
#ifndef CMEMMEM_H
#define CMEMMEM_H
#include <stddef.h>

/// Whether `needle` occurs in `haystack`.
int memmem_finds(
    const void *haystack, size_t haystack_bytes, const void *needle, size_t needle_bytes);
#endif
