/* Stands between a program and its files (LD_PRELOAD): counts what it does to the files below a folder, lets the n-th of
   these fail, and writes down what was done. Linux only.

   FAULT_ROOT    the folder, absolute; nothing else is touched
   FAULT_KINDS   which calls count: w (write, truncate), s (sync), r (rename), c (create)
   FAULT_AT      the number of the first call that fails, from 1 on
   FAULT_ERRNO   with which error
   FAULT_ON      1: all later ones fail, too
   FAULT_FIRED   a file that is made when a call is made to fail
   FAULT_LOG     a file that calls are written to: kind, length of path, path, length of second path, second path,
                 offset, length of data, data; numbers of eight bytes */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *kinds = "", *fired;
static long at, on, count;
static int error, out = -1;

__attribute__((constructor)) static void begin(void) {
    const char *value;
    root = getenv("FAULT_ROOT");
    if ((value = getenv("FAULT_KINDS"))) kinds = value;
    if ((value = getenv("FAULT_AT"))) at = atol(value);
    if ((value = getenv("FAULT_ERRNO"))) error = atoi(value);
    if ((value = getenv("FAULT_ON"))) on = atol(value);
    fired = getenv("FAULT_FIRED");
    if ((value = getenv("FAULT_LOG"))) out = syscall(SYS_openat, AT_FDCWD, value, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

static int below(const char *path) {
    size_t len = strlen(path);
    return root && strncmp(path, root, strlen(root)) == 0 && !(len > 4 && strcmp(path + len - 4, "-shm") == 0);
}

/* The path of an open file, if it is one of those that count. */
static const char *name(int fd, char *buffer, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, buffer, size - 1);
    if (len < 0) return NULL;
    buffer[len] = 0;
    return below(buffer) && !strstr(buffer, " (deleted)") ? buffer : NULL;
}

/* Under the lock: whether this call is to fail. */
static int fails(char kind) {
    if (!strchr(kinds, kind)) return 0;
    count++;
    if (!at || count < at || (count > at && !on)) return 0;
    if (count == at && fired) syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, fired, O_WRONLY | O_CREAT, 0600));
    errno = error;
    return 1;
}

static void put(const void *data, size_t len) {
    if (syscall(SYS_write, out, data, len) != (long)len) abort();
}

static void note(char kind, const char *path, const char *second, uint64_t offset, const void *data, uint64_t len) {
    if (out < 0) return;
    int before = errno;
    uint64_t size = strlen(path), other = second ? strlen(second) : 0;
    put(&kind, 1);
    put(&size, 8);
    put(path, size);
    put(&other, 8);
    if (other) put(second, other);
    put(&offset, 8);
    put(&len, 8);
    if (data) put(data, len);
    errno = before;
}

#define REAL(result, symbol, ...)                                              \
    static result (*real)(__VA_ARGS__);                                        \
    if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, symbol)

#define PWRITE(symbol)                                                         \
    ssize_t symbol(int fd, const void *data, size_t len, off_t offset) {       \
        REAL(ssize_t, #symbol, int, const void *, size_t, off_t);              \
        char buffer[4096];                                                     \
        const char *path = name(fd, buffer, sizeof buffer);                    \
        if (!path) return real(fd, data, len, offset);                         \
        pthread_mutex_lock(&lock);                                             \
        ssize_t done = fails('w') ? -1 : real(fd, data, len, offset);          \
        if (done > 0) note('w', path, NULL, offset, data, done);               \
        pthread_mutex_unlock(&lock);                                           \
        return done;                                                           \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t write(int fd, const void *data, size_t len) {
    REAL(ssize_t, "write", int, const void *, size_t);
    char buffer[4096];
    const char *path = fd > 2 ? name(fd, buffer, sizeof buffer) : NULL;
    if (!path) return real(fd, data, len);
    pthread_mutex_lock(&lock);
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t done = fails('w') ? -1 : real(fd, data, len);
    if (done > 0) note('w', path, NULL, offset, data, done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int len) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    char buffer[4096];
    if (fd <= 2 || !name(fd, buffer, sizeof buffer)) return real(fd, parts, len);
    return len > 0 ? write(fd, parts[0].iov_base, parts[0].iov_len) : 0;
}

#define TRUNCATE(symbol)                                                       \
    int symbol(int fd, off_t len) {                                            \
        REAL(int, #symbol, int, off_t);                                        \
        char buffer[4096];                                                     \
        const char *path = name(fd, buffer, sizeof buffer);                    \
        if (!path) return real(fd, len);                                       \
        pthread_mutex_lock(&lock);                                             \
        int done = fails('w') ? -1 : real(fd, len);                            \
        if (done == 0) note('t', path, NULL, len, NULL, 0);                    \
        pthread_mutex_unlock(&lock);                                           \
        return done;                                                           \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SYNC(symbol)                                                           \
    int symbol(int fd) {                                                       \
        REAL(int, #symbol, int);                                               \
        char buffer[4096];                                                     \
        const char *path = name(fd, buffer, sizeof buffer);                    \
        if (!path) return real(fd);                                            \
        pthread_mutex_lock(&lock);                                             \
        int done = fails('s') ? -1 : real(fd);                                 \
        if (done == 0) note('s', path, NULL, 0, NULL, 0);                      \
        pthread_mutex_unlock(&lock);                                           \
        return done;                                                           \
    }
SYNC(fsync)
SYNC(fdatasync)

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    if (!below(from)) return real(from, to);
    pthread_mutex_lock(&lock);
    int done = fails('r') ? -1 : real(from, to);
    if (done == 0) note('r', from, to, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return done;
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    if (!below(path)) return real(path);
    pthread_mutex_lock(&lock);
    int done = real(path);
    if (done == 0) note('u', path, NULL, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return done;
}

#define OPEN(symbol)                                                           \
    int symbol(const char *path, int flags, ...) {                             \
        REAL(int, #symbol, const char *, int, ...);                            \
        va_list rest;                                                          \
        va_start(rest, flags);                                                 \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;\
        va_end(rest);                                                          \
        if (!(flags & O_CREAT) || !below(path)) return real(path, flags, mode);\
        pthread_mutex_lock(&lock);                                             \
        struct stat there;                                                     \
        int is_new = stat(path, &there) != 0;                                  \
        int fd = is_new && fails('c') ? -1 : real(path, flags, mode);          \
        if (fd >= 0 && is_new) note('c', path, NULL, 0, NULL, 0);              \
        if (fd >= 0 && flags & O_TRUNC) note('t', path, NULL, 0, NULL, 0);     \
        pthread_mutex_unlock(&lock);                                           \
        return fd;                                                             \
    }
OPEN(open)
OPEN(open64)
