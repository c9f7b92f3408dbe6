// Linux calls that Swift's Glibc module does not show: it is built without _GNU_SOURCE.
// Each does what the C function named beside it does, and returns what that returns.
#ifndef CPOSIX_H
#define CPOSIX_H

#include <stdint.h>

/// argc and argv, as main gets them.
int cposix_argument_count(void);
const char *cposix_argument(int index);

/// fflush(stdout), and whether anything failed before: 0, or -1.
int cposix_flush_output(void);

/// open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600)
int cposix_open_temporary(const char *directory);

/// The same without O_EXCL, so that linkat may give it a name.
int cposix_open_linkable(const char *directory);

/// mkostemp(path_template, O_CLOEXEC)
int cposix_mkostemp(char *path_template);

/// accept4(listener, NULL, NULL, SOCK_CLOEXEC)
int cposix_accept(int listener);

/// dup3(from, to, O_CLOEXEC)
int cposix_replace(int from, int to);

/// epoll_create1(EPOLL_CLOEXEC)
int cposix_epoll(void);

/// epoll_ctl: EPOLLIN on `descriptor` is told as `key` from now on, one time (EPOLLONESHOT) or
/// always. EPOLL_CTL_MOD, or EPOLL_CTL_ADD for a descriptor that is not there yet.
int cposix_watch(int epoll, int descriptor, uint64_t key, int once);

/// epoll_wait for one event: 1 with its key, 0 when none came in time, -1 for an error.
int cposix_next_event(int epoll, uint64_t *key, int milliseconds);

/// pthread_create with a stack of `stack_bytes`: 0, or an errno.
int cposix_start_thread(
    unsigned long *thread, unsigned long stack_bytes, void *(*body)(void *), void *argument);

/// eventfd(0, EFD_CLOEXEC)
int cposix_event(void);

/// pthread_setname_np(pthread_self(), name)
int cposix_set_thread_name(const char *name);

/// mallopt(M_ARENA_MAX, count)
int cposix_limit_malloc_arenas(int count);

/// Whether files in `directory` take memory (tmpfs, ramfs): 1, 0, or -1 for an error (statfs).
int cposix_is_memory_backed(const char *directory);

#endif
