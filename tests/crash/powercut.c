/* A disk that forgets what was not synced.
 *
 * Preloaded into a process, it writes down every change to files under POWERCUT_ROOT in the file
 * POWERCUT_JOURNAL: what was written where and what stood there before, and what was synced. After
 * the process has been killed, the journal says which changes a power cut could have lost.
 *
 * A record is a head (below), the path, the bytes before and the bytes after. Directory entries
 * count as changes of the directory: they last once the directory itself is synced.
 *
 * What goes over sockets is written down too, in the same order, so that an answer can be compared
 * with what was synced before it. Syncs take POWERCUT_SYNC_MICROS longer, as on a slow disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct head {
    uint32_t kind; /* 'W'rite, 'T'runcate, 'S'ync, 'C'reate, 'U'nlink, 'R'ename, 'Q'uestion, 'A'nswer */
    uint32_t path;
    uint64_t offset; /* of a write; new size of a truncation */
    uint64_t size;   /* of the file before */
    uint64_t before;
    uint64_t after;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int journal = -1;
static const char *root;
static useconds_t sync_micros;

static void start(void) {
    if (journal >= 0 || root) return;
    const char *micros = getenv("POWERCUT_SYNC_MICROS");
    sync_micros = micros ? strtoul(micros, NULL, 10) : 0;
    root = getenv("POWERCUT_ROOT");
    const char *name = getenv("POWERCUT_JOURNAL");
    if (!root || !name) { root = ""; return; }
    journal = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int under_root(const char *path) {
    return journal >= 0 && strncmp(path, root, strlen(root)) == 0;
}

/* The path of an open file, or 0 when it is none of ours. */
static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return under_root(path);
}

/* A path made absolute through its folder, or 0 when it is none of ours. */
static int resolve(const char *name, char *path) {
    char folder[PATH_MAX];
    const char *slash = strrchr(name, '/');
    if (slash && slash != name) {
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - name), name);
    } else {
        strcpy(folder, slash ? "/" : ".");
    }
    char whole[PATH_MAX];
    if (!realpath(folder, whole)) return 0;
    snprintf(path, PATH_MAX, "%.3000s/%.1000s", whole, slash ? slash + 1 : name);
    return under_root(path);
}

static void all(const void *bytes, size_t count) {
    while (count > 0) {
        ssize_t done = syscall(SYS_write, journal, bytes, count);
        if (done <= 0) { if (errno == EINTR) continue; abort(); }
        bytes = (const char *)bytes + done;
        count -= done;
    }
}

/* One write of the whole record would be atomic for a reader; the reader drops a cut last one. */
static void record(uint32_t kind, const char *path, uint64_t offset, uint64_t size,
                   const void *before, uint64_t before_length, const void *after,
                   uint64_t after_length) {
    struct head head = {kind, strlen(path), offset, size, before_length, after_length};
    all(&head, sizeof head);
    all(path, head.path);
    all(before, before_length);
    all(after, after_length);
}

static ssize_t journaled_write(int fd, const char *path, const void *bytes, size_t count,
                               off64_t offset) {
    struct stat64 status;
    if (fstat64(fd, &status)) abort();
    int reader = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    char *before = malloc(count ? count : 1);
    ssize_t length = reader < 0 ? 0 : syscall(SYS_pread64, reader, before, count, offset);
    if (length < 0) length = 0;
    if (reader >= 0) syscall(SYS_close, reader);
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, count, offset);
    if (done > 0) {
        ssize_t kept = length < done ? length : done;
        record('W', path, offset, status.st_size, before, kept, bytes, done);
    }
    free(before);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    char path[PATH_MAX];
    start();
    if (!path_of(fd, path)) return syscall(SYS_pwrite64, fd, bytes, count, offset);
    pthread_mutex_lock(&lock);
    ssize_t done = journaled_write(fd, path, bytes, count, offset);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return pwrite64(fd, bytes, count, offset);
}

/* The name of a socket, or 0 when it is none. */
static int socket_of(int fd, char *name) {
    char link[64];
    if (journal < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, 63);
    if (length < 0) return 0;
    name[length] = 0;
    return strncmp(name, "socket:", 7) == 0;
}

/* Under the lock, so that no sync is written down between an answer and its record. */
static ssize_t sent(int fd, const char *name, const struct iovec *parts, int count, int flags) {
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
    pthread_mutex_lock(&lock);
    ssize_t done = syscall(SYS_sendmsg, fd, &message, flags), left = done;
    for (int n = 0; n < count && left > 0; n++) {
        ssize_t part = (ssize_t)parts[n].iov_len < left ? (ssize_t)parts[n].iov_len : left;
        record('A', name, 0, 0, "", 0, parts[n].iov_base, part);
        left -= part;
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t send(int fd, const void *bytes, size_t count, int flags) {
    char name[64];
    struct iovec part = {(void *)bytes, count};
    start();
    if (!socket_of(fd, name)) return syscall(SYS_sendto, fd, bytes, count, flags, NULL, 0);
    return sent(fd, name, &part, 1, flags);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    char name[64];
    start();
    if (!socket_of(fd, name)) return syscall(SYS_writev, fd, parts, count);
    return sent(fd, name, parts, count, MSG_NOSIGNAL);
}

ssize_t recv(int fd, void *bytes, size_t count, int flags) {
    char name[64];
    ssize_t done = syscall(SYS_recvfrom, fd, bytes, count, flags, NULL, NULL);
    int error = errno;
    start();
    if (done > 0 && !(flags & MSG_PEEK) && socket_of(fd, name)) {
        pthread_mutex_lock(&lock);
        record('Q', name, 0, 0, "", 0, bytes, done);
        pthread_mutex_unlock(&lock);
    }
    errno = error;
    return done;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    char path[PATH_MAX], name[64];
    start();
    if (socket_of(fd, name)) return send(fd, bytes, count, MSG_NOSIGNAL);
    if (journal < 0 || !path_of(fd, path)) return syscall(SYS_write, fd, bytes, count);
    pthread_mutex_lock(&lock);
    int flags = fcntl(fd, F_GETFL);
    off64_t at = lseek64(fd, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
    ssize_t done = journaled_write(fd, path, bytes, count, at);
    if (done > 0) lseek64(fd, at + done, SEEK_SET);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate64(int fd, off64_t size) {
    char path[PATH_MAX];
    start();
    if (!path_of(fd, path)) return syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&lock);
    struct stat64 status;
    if (fstat64(fd, &status)) abort();
    char *before = NULL;
    ssize_t length = 0;
    if (status.st_size > size) {
        before = malloc(status.st_size - size);
        int reader = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        length = syscall(SYS_pread64, reader, before, status.st_size - size, size);
        syscall(SYS_close, reader);
    }
    int outcome = syscall(SYS_ftruncate, fd, size);
    if (!outcome) record('T', path, size, status.st_size, before, length > 0 ? length : 0, "", 0);
    free(before);
    pthread_mutex_unlock(&lock);
    return outcome;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd, long call) {
    char path[PATH_MAX];
    start();
    if (!path_of(fd, path)) return syscall(call, fd);
    if (sync_micros) usleep(sync_micros);
    /* Under the lock: what is written during the sync may not be covered by it. */
    pthread_mutex_lock(&lock);
    int outcome = syscall(call, fd);
    if (!outcome) record('S', path, 0, 0, "", 0, "", 0);
    pthread_mutex_unlock(&lock);
    return outcome;
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static int opened(int folder, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    start();
    int ours = folder == AT_FDCWD && (flags & O_CREAT) && resolve(name, path);
    if (!ours) return syscall(SYS_openat, folder, name, flags, mode);
    pthread_mutex_lock(&lock);
    int is_new = access(path, F_OK) != 0;
    int fd = syscall(SYS_openat, folder, name, flags, mode);
    if (fd >= 0 && is_new) record('C', path, 0, 0, "", 0, "", 0);
    pthread_mutex_unlock(&lock);
    return fd;
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name)                                                                                \
    int name(const char *path, int flags, ...) {                                                  \
        va_list arguments;                                                                        \
        va_start(arguments, flags);                                                               \
        mode_t mode = mode_of(flags, arguments);                                                  \
        va_end(arguments);                                                                        \
        return opened(AT_FDCWD, path, flags, mode);                                               \
    }
OPEN(open)
OPEN(open64)

int mkdir(const char *name, mode_t mode) {
    char path[PATH_MAX];
    start();
    int outcome = syscall(SYS_mkdir, name, mode);
    if (!outcome && resolve(name, path)) {
        pthread_mutex_lock(&lock);
        record('C', path, 0, 0, "", 0, "", 0);
        pthread_mutex_unlock(&lock);
    }
    return outcome;
}

int unlink(const char *name) {
    char path[PATH_MAX];
    start();
    if (!resolve(name, path)) return syscall(SYS_unlink, name);
    pthread_mutex_lock(&lock);
    struct stat64 status;
    int file = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    char *before = NULL;
    ssize_t length = 0;
    if (file >= 0 && !fstat64(file, &status) && S_ISREG(status.st_mode)) {
        before = malloc(status.st_size ? status.st_size : 1);
        length = syscall(SYS_pread64, file, before, status.st_size, 0);
    }
    if (file >= 0) syscall(SYS_close, file);
    int outcome = syscall(SYS_unlink, name);
    if (!outcome && before) record('U', path, 0, 0, before, length > 0 ? length : 0, "", 0);
    free(before);
    pthread_mutex_unlock(&lock);
    return outcome;
}

int rename(const char *from, const char *to) {
    char old_path[PATH_MAX], new_path[PATH_MAX];
    start();
    if (!resolve(from, old_path) || !resolve(to, new_path)) return syscall(SYS_rename, from, to);
    pthread_mutex_lock(&lock);
    int outcome = syscall(SYS_rename, from, to);
    if (!outcome) record('R', old_path, 0, 0, "", 0, new_path, strlen(new_path));
    pthread_mutex_unlock(&lock);
    return outcome;
}
