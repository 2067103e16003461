/* A disk that fails.
 *
 * Preloaded into a process, it counts the writes and syncs of files under FAULTS_ROOT, in the file
 * FAULTS_COUNT. Those after the first FAULTS_AFTER fail with the error number FAULTS_ERROR, as many
 * as FAULTS_TIMES. With FAULTS_FROM, those before there is a file of that name do not count. Reads
 * fail for as long as there is a file FAULTS_READS.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counter = -1;
static const char *root, *from;
static unsigned long calls, after, times;
static int error;

static unsigned long number(const char *name) {
    const char *value = getenv(name);
    return value ? strtoul(value, NULL, 10) : 0;
}

static void start(void) {
    if (root) return;
    const char *name = getenv("FAULTS_COUNT");
    after = number("FAULTS_AFTER");
    times = number("FAULTS_TIMES");
    error = number("FAULTS_ERROR");
    from = getenv("FAULTS_FROM");
    counter = name ? syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    root = getenv("FAULTS_ROOT") ? getenv("FAULTS_ROOT") : "";
}

/* Whether this call is to fail; errno says how. */
static int fails(int fd) {
    char link[64], path[PATH_MAX];
    pthread_mutex_lock(&lock);
    start();
    pthread_mutex_unlock(&lock);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (counter < 0 || length < 0) return 0;
    path[length] = 0;
    if (strncmp(path, root, strlen(root))) return 0;
    pthread_mutex_lock(&lock);
    if (from && syscall(SYS_faccessat, AT_FDCWD, from, F_OK) == 0) from = NULL;
    if (from) {
        pthread_mutex_unlock(&lock);
        return 0;
    }
    int is_failing = calls >= after && calls - after < times;
    calls += 1;
    syscall(SYS_pwrite64, counter, &calls, sizeof calls, 0);
    pthread_mutex_unlock(&lock);
    if (is_failing) errno = error;
    return is_failing;
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t offset) {
    char link[64], path[PATH_MAX];
    const char *reads = getenv("FAULTS_READS");
    if (reads && syscall(SYS_faccessat, AT_FDCWD, reads, F_OK) == 0) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, path, PATH_MAX - 1);
        const char *folder = getenv("FAULTS_ROOT");
        if (length > 0 && folder) {
            path[length] = 0;
            if (!strncmp(path, folder, strlen(folder))) { errno = EIO; return -1; }
        }
    }
    return syscall(SYS_pread64, fd, bytes, count, offset);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset) {
    return pread64(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return pwrite64(fd, bytes, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    return fails(fd) ? -1 : syscall(SYS_write, fd, bytes, count);
}

int ftruncate64(int fd, off64_t size) {
    return fails(fd) ? -1 : syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
int fsync(int fd) { return fails(fd) ? -1 : syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return fails(fd) ? -1 : syscall(SYS_fdatasync, fd); }

int sync_file_range(int fd, off64_t offset, off64_t count, unsigned flags) {
    return fails(fd) ? -1 : syscall(SYS_sync_file_range, fd, offset, count, flags);
}
