// Loaded ahead of the C library into a test process: it writes down what SQLite does
// to the files of a journal, one letter a call, and ends the process right before a
// given one, as SIGKILL does. Go's own calls do not come this way.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int journal(int fd)
{
	char link[64], path[4096];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return 0;
	path[n] = 0;
	return strstr(path, "/journal.db") != NULL && strstr(path, "-shm") == NULL;
}

static void call(int fd, char what)
{
	static int log = -1, calls;
	const char *file = getenv("CALLS_LOG"), *stop = getenv("CALLS_STOP");
	if (file == NULL || !journal(fd))
		return;
	if (log < 0)
		log = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (stop != NULL && ++calls == atoi(stop))
		kill(getpid(), SIGKILL);
	syscall(SYS_write, log, &what, 1);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { call(fd, 'w'); return NEXT(pwrite)(fd, data, n, at); }
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) { call(fd, 'w'); return NEXT(pwrite64)(fd, data, n, at); }
ssize_t write(int fd, const void *data, size_t n) { call(fd, 'w'); return NEXT(write)(fd, data, n); }
int ftruncate(int fd, off_t n) { call(fd, 't'); return NEXT(ftruncate)(fd, n); }
int ftruncate64(int fd, off64_t n) { call(fd, 't'); return NEXT(ftruncate64)(fd, n); }
int fsync(int fd) { int r = NEXT(fsync)(fd); call(fd, 's'); return r; }
int fdatasync(int fd) { int r = NEXT(fdatasync)(fd); call(fd, 's'); return r; }
