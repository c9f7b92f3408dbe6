// See the header.
#define _GNU_SOURCE
#include "CGNU.h"

#include <string.h>

int cgnu_finds(
    const void *haystack, size_t haystack_bytes, const void *needle, size_t needle_bytes) {
  return memmem(haystack, haystack_bytes, needle, needle_bytes) != NULL;
}

int cgnu_add_close_from(posix_spawn_file_actions_t *actions, int least) {
  return posix_spawn_file_actions_addclosefrom_np(actions, least);
}
