/* A disk that fails, for a process that is started with LD_PRELOAD.

   fault_arm(prefix, kind, at, many, seed) begins to count the calls that change files whose path
   begins with the prefix, a lock file left out. From call `at` on, `many` calls meet a fault:

     'i'  they fail with EIO            's'  they fail with ENOSPC
     'p'  the power goes: half of the write is done, of all that was written since a file was last
          synced each part is there or not, and the process is killed

   fault_calls() is how many calls there were. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char prefix[PATH_MAX];
static char kind;
static long calls, at, many;
static unsigned int chance;

/* What a write that is not synced yet has replaced. */
struct undo {
    struct undo *older;
    dev_t device;
    ino_t file;
    int fd;
    off_t offset;
    size_t length;
    char before[];
};
static struct undo *unsynced;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

__attribute__((constructor)) static void find(void)
{
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
}

void fault_arm(const char *path, int what, long from, long how_many, unsigned int seed)
{
    snprintf(prefix, sizeof prefix, "%s", path);
    kind = (char)what;
    at = from;
    many = how_many;
    chance = seed;
    calls = 0;
}

long fault_calls(void) { return calls; }

static int ends_in(const char *path, const char *end)
{
    size_t all = strlen(path), last = strlen(end);
    return all >= last && strcmp(path + all - last, end) == 0;
}

/* 0: not ours; 1: ours; 2: ours, and what was written to it counts after a loss of power */
static int ours(int fd)
{
    char link[64], path[PATH_MAX];
    if (!prefix[0])
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (strncmp(path, prefix, strlen(prefix)) != 0 || ends_in(path, "-lock"))
        return 0;
    return ends_in(path, "-shm") ? 1 : 2;
}

/* Whether this call meets the fault. */
static int struck(void)
{
    calls++;
    return at && calls >= at && calls < at + many;
}

static void remember(int fd, size_t length, off_t offset)
{
    struct stat now;
    struct undo *one = calloc(1, sizeof *one + length);
    if (!one || fstat(fd, &now))
        abort();
    if (pread(fd, one->before, length, offset) < 0) {
        /* it was opened to be written only, or lies beyond the end: nothing was there */
    }
    *one = (struct undo){unsynced, now.st_dev, now.st_ino, fd, offset, length};
    unsynced = one;
}

static void synced(int fd)
{
    struct stat now;
    if (fstat(fd, &now))
        return;
    for (struct undo **next = &unsynced; *next;) {
        struct undo *one = *next;
        if (one->device == now.st_dev && one->file == now.st_ino) {
            *next = one->older;
            free(one);
        } else {
            next = &one->older;
        }
    }
}

static void power_goes(void)
{
    for (struct undo *one = unsynced; one; one = one->older)
        if (rand_r(&chance) % 2)
            real_pwrite(one->fd, one->before, one->length, one->offset);
    kill(getpid(), SIGKILL);
    pause();
}

static int refused(void)
{
    errno = kind == 's' ? ENOSPC : EIO;
    return -1;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset)
{
    int whose = ours(fd);
    if (!whose)
        return real_pwrite(fd, data, length, offset);
    int fault = struck();
    if (fault && kind != 'p')
        return refused();
    if (whose == 2)
        remember(fd, length, offset);
    if (fault) {
        real_pwrite(fd, data, length / 2, offset);
        power_goes();
    }
    return real_pwrite(fd, data, length, offset);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
    return pwrite64(fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length)
{
    if (!ours(fd))
        return real_write(fd, data, length);
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t done = pwrite64(fd, data, length, offset);
    if (done > 0)
        lseek(fd, done, SEEK_CUR);
    return done;
}

static int sync_with(int (*real)(int), int fd)
{
    int whose = ours(fd);
    if (whose && struck()) {
        if (kind == 'p')
            power_goes();
        return refused();
    }
    int done = real(fd);
    if (whose && !done)
        synced(fd);
    return done;
}

int fsync(int fd) { return sync_with(real_fsync, fd); }
int fdatasync(int fd) { return sync_with(real_fdatasync, fd); }

int ftruncate64(int fd, off_t length)
{
    if (ours(fd) && struck()) {
        if (kind == 'p')
            power_goes();
        return refused();
    }
    return real_ftruncate(fd, length);
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }
