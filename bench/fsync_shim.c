/*
 * One disk for everybody: counts each flush, and gives it a fixed price.
 *
 * Disks differ more from one second to the next than the measured runtimes differ from each other. Loaded with
 * LD_PRELOAD, this replaces fsync and fdatasync by a wait of a fixed length, and counts them in a file that the
 * measuring process maps as well. The file holds two 64-bit words: how many flushes there were, and how many
 * microseconds each shall take. The second may be changed at any time, for example while a backlog is filled.
 *
 * Without FSYNC_SHIM_FILE nothing is replaced.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct meter {
    _Atomic uint64_t flushes;
    _Atomic uint64_t price_us;
};

static struct meter *meter;

__attribute__((constructor)) static void open_meter(void)
{
    const char *path = getenv("FSYNC_SHIM_FILE");
    if (path == NULL)
        return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof(struct meter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        meter = mapped;
    close(fd);
}

static int flush(int fd, const char *name)
{
    if (meter == NULL) {
        int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
        return real(fd);
    }
    atomic_fetch_add(&meter->flushes, 1);
    uint64_t price = atomic_load(&meter->price_us);
    if (price == 0)
        return 0;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + price * 1000;
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
    return 0;
}

int fsync(int fd)
{
    return flush(fd, "fsync");
}

int fdatasync(int fd)
{
    return flush(fd, "fdatasync");
}
