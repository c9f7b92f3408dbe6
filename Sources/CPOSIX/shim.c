// Linux calls that Swift's Glibc module does not show.
#define _GNU_SOURCE
#include "CPOSIX.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

static int argument_count;
static char **argument_vector;

// glibc calls what is in .init_array with the arguments of main, before main.
__attribute__((constructor)) static void keep_arguments(int count, char **vector) {
  argument_count = count;
  argument_vector = vector;
}

int cposix_argument_count(void) { return argument_count; }

const char *cposix_argument(int index) { return argument_vector[index]; }

int cposix_flush_output(void) { return fflush(stdout) == 0 && !ferror(stdout) ? 0 : -1; }

int cposix_open_temporary(const char *directory) {
  return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
}

int cposix_open_linkable(const char *directory) {
  return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

int cposix_mkostemp(char *path_template) { return mkostemp(path_template, O_CLOEXEC); }

int cposix_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

int cposix_replace(int from, int to) { return dup3(from, to, O_CLOEXEC); }

int cposix_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cposix_watch(int epoll, int descriptor, uint64_t key, int once) {
  struct epoll_event event = {.events = EPOLLIN | (once ? EPOLLONESHOT : 0), .data.u64 = key};
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
  return errno == ENOENT ? epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) : -1;
}

int cposix_next_event(int epoll, uint64_t *key, int milliseconds) {
  struct epoll_event event;
  int count = epoll_wait(epoll, &event, 1, milliseconds);
  if (count == 1) *key = event.data.u64;
  return count;
}

int cposix_start_thread(
    unsigned long *thread, unsigned long stack_bytes, void *(*body)(void *), void *argument) {
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error != 0) return error;
  error = pthread_attr_setstacksize(&attributes, stack_bytes);
  if (error == 0) error = pthread_create(thread, &attributes, body, argument);
  pthread_attr_destroy(&attributes);
  return error;
}

int cposix_event(void) { return eventfd(0, EFD_CLOEXEC); }

int cposix_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int cposix_limit_malloc_arenas(int count) { return mallopt(M_ARENA_MAX, count); }

int cposix_is_memory_backed(const char *directory) {
  struct statfs system;
  if (statfs(directory, &system) != 0) return -1;
  return system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC;
}
