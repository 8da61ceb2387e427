/*
 * Loaded into a process by LD_PRELOAD, and from there into whatever that starts: its disk and its clock fail as the numbers in the file
 * say that FAULTY_MACHINE names. The order of the numbers is the one in faulty-machine.ts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct faults {
  volatile int64_t sync_errno;
  volatile int64_t sync_delay_ms;
  volatile int64_t sync_held;
  volatile int64_t clock_ahead_seconds;
  int64_t syncs_failed;
  int64_t syncs_waiting;
  int64_t syncs_delayed;
};

static struct faults none;
static struct faults *faults = &none;
static char carried[2][4096];
extern char **environ;

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("FAULTY_MACHINE");
  int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(struct faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) faults = mapped;
  close(fd);
  snprintf(carried[0], sizeof carried[0], "LD_PRELOAD=%s", getenv("LD_PRELOAD"));
  snprintf(carried[1], sizeof carried[1], "FAULTY_MACHINE=%s", file);
}

static void rest(int64_t ms) {
  struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&pause, &pause) != 0 && errno == EINTR) {
  }
}

/* Late, or never, or not at all. */
static int synced(long call, int fd) {
  if (faults->sync_delay_ms > 0) {
    __atomic_add_fetch(&faults->syncs_delayed, 1, __ATOMIC_SEQ_CST);
    rest(faults->sync_delay_ms);
  }
  if (faults->sync_held) {
    __atomic_add_fetch(&faults->syncs_waiting, 1, __ATOMIC_SEQ_CST);
    while (faults->sync_held) rest(2);
    __atomic_sub_fetch(&faults->syncs_waiting, 1, __ATOMIC_SEQ_CST);
  }
  if (faults->sync_errno) {
    __atomic_add_fetch(&faults->syncs_failed, 1, __ATOMIC_SEQ_CST);
    errno = (int)faults->sync_errno;
    return -1;
  }
  return (int)syscall(call, fd);
}

int fsync(int fd) { return synced(SYS_fsync, fd); }
int fdatasync(int fd) { return synced(SYS_fdatasync, fd); }

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += faults->clock_ahead_seconds;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec precise;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *seconds) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (seconds) *seconds = now.tv_sec;
  return now.tv_sec;
}

/* Whoever starts a program with an environment of its own would leave the machine by that. */
int execvp(const char *program, char *const arguments[]) {
  static char *inside[1024];
  int count = 0;
  for (int each = 0; each < 2; each++)
    if (carried[each][0] != 0) inside[count++] = carried[each];
  for (char **entry = environ; *entry && count < 1023; entry++)
    if (strncmp(*entry, "LD_PRELOAD=", 11) != 0 && strncmp(*entry, "FAULTY_MACHINE=", 15) != 0) inside[count++] = *entry;
  inside[count] = NULL;
  environ = inside;
  int (*real)(const char *, char *const[]) = (int (*)(const char *, char *const[]))dlsym(RTLD_NEXT, "execvp");
  return real(program, arguments);
}
