// What Swift's Glibc module leaves out of glibc for want of _GNU_SOURCE, and tests and benchmarks
// use.
#ifndef CGNU_H
#define CGNU_H
#include <spawn.h>
#include <stddef.h>

/// Whether `needle` occurs in `haystack`: memmem(haystack, haystack_bytes, needle, needle_bytes)
int cgnu_finds(
    const void *haystack, size_t haystack_bytes, const void *needle, size_t needle_bytes);

/// posix_spawn_file_actions_addclosefrom_np(actions, least)
int cgnu_add_close_from(posix_spawn_file_actions_t *actions, int least);
#endif
