// Linux calls that Swift's Glibc module does not show.
#define _GNU_SOURCE
#include "CPOSIX.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int cposix_open_temporary(const char *directory) {
  return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
}

int cposix_mkostemp(char *path_template) { return mkostemp(path_template, O_CLOEXEC); }

int cposix_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

int cposix_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int cposix_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int cposix_limit_malloc_arenas(int count) { return mallopt(M_ARENA_MAX, count); }
