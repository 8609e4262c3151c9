/* server/outside/program.c
 *
 * posix_spawn() and not fork(): other threads hold locks (malloc's, the log's) that a forked child would wait for, and
 * a large process is not copied. The input is a file in memory, not a pipe: a program that reads none of it cannot make
 * us wait or send us SIGPIPE, and it can be wiped.
 */
#include "outside/program.h"

#include "base/clock.h"
#include "base/log.h"
#include "outside/words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define GRACE_MS 2000
#define PIPE_OCTETS 65536       /* what the pipe of a program holds; pipe(7) */
#define EXIT_NOT_EXECUTABLE 126 /* what shells and env(1) say of a program that they cannot run, */
#define EXIT_NOT_FOUND 127      /* and of one that they cannot find */

struct run {
    int input, heard, said; /* file in memory; the two ends of the pipe for its output */
    pid_t pid;
    int life;               /* a pidfd: readable when the program has ended */
    int64_t due_ms;         /* when it gets the next signal */
    size_t signals_sent;
    int stop;               /* -1: nobody asks */
    bool timed_out, stopped, given_up;
    size_t total;           /* octets of output so far */
    char ring[PROGRAM_OUTPUT_MAX];
};

/* ---- what the program gets ---- */

/* Above standard error, so that putting 0, 1 and 2 in place for the child overwrites none of ours. */
static int above_standard(int fd)
{
    int moved = fd;

    if (fd >= 0 && fd <= STDERR_FILENO) {
        moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        close(fd);
    }
    return moved;
}

static bool write_all(int fd, struct text given)
{
    while (given.length) {
        ssize_t written = write(fd, given.at, given.length);

        if (written < 0 && errno != EINTR)
            return false;
        given = text_part(given, written < 0 ? 0 : (size_t)written, given.length);
    }
    return true;
}

static bool make_files(struct run *r, struct text input)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    r->heard = above_standard(ends[0]);
    r->said = above_standard(ends[1]);
    r->input = above_standard(memfd_create("input", MFD_CLOEXEC));
    return r->heard >= 0 && r->said >= 0 && r->input >= 0 && fcntl(r->heard, F_SETFL, O_NONBLOCK) == 0
        && write_all(r->input, input) && lseek(r->input, 0, SEEK_SET) == 0;
}

static int prepare_files(posix_spawn_file_actions_t *files, const struct run *r)
{
    int e = posix_spawn_file_actions_adddup2(files, r->input, STDIN_FILENO);

    if (!e)
        e = posix_spawn_file_actions_adddup2(files, r->said, STDOUT_FILENO);
    if (!e)
        e = posix_spawn_file_actions_adddup2(files, r->said, STDERR_FILENO);
    if (!e)
        e = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    if (!e)
        e = posix_spawn_file_actions_addchdir_np(files, "/");
    return e;
}

static int prepare_process(posix_spawnattr_t *process)
{
    sigset_t none, all;
    int e;

    sigemptyset(&none);
    sigfillset(&all);
    e = posix_spawnattr_setflags(process, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!e)
        e = posix_spawnattr_setpgroup(process, 0);
    if (!e)
        e = posix_spawnattr_setsigmask(process, &none);
    if (!e)
        e = posix_spawnattr_setsigdefault(process, &all);
    return e;
}

static int spawn(struct run *r, char *const *arguments, char *const *environment)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t process;
    int e = posix_spawn_file_actions_init(&files);

    if (e)
        return e;
    e = posix_spawnattr_init(&process);
    if (!e) {
        e = prepare_files(&files, r);
        if (!e)
            e = prepare_process(&process);
        if (!e)
            e = posix_spawn(&r->pid, arguments[0], &files, &process, arguments, environment);
        posix_spawnattr_destroy(&process);
    }
    posix_spawn_file_actions_destroy(&files);
    return e;
}

/* ---- what it says, and how it ends ---- */

/* Reads what is there now; false at the end of the output. */
static bool hear(struct run *r)
{
    char part[PROGRAM_OUTPUT_MAX];
    ssize_t got = read(r->heard, part, sizeof part);

    for (ssize_t i = 0; i < got; i++)
        r->ring[r->total++ % sizeof r->ring] = part[i];
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* SIGTERM, then SIGKILL, to its group: what it started ends with it. A program that became somebody else (sudo) does not
 * hear us, and is given up. */
static void end_when_due(struct run *r)
{
    static const int signals[] = { SIGTERM, SIGKILL };
    int64_t now = clock_monotonic_ms();

    if (now < r->due_ms)
        return;
    r->timed_out = true;
    r->due_ms = now + GRACE_MS;
    if (r->signals_sent < COUNT(signals))
        kill(-r->pid, signals[r->signals_sent++]);
    else
        r->given_up = true;
}

/* What it said last; not for ever, because a child that it left behind may go on. */
static void hear_rest(struct run *r)
{
    for (size_t i = 0; i < PIPE_OCTETS / PROGRAM_OUTPUT_MAX; i++) {
        size_t before = r->total;

        if (!hear(r) || r->total == before)
            return;
    }
}

/* Until the program itself has ended: a child that it left in the background may hold the pipe for ever. */
static void attend(struct run *r)
{
    struct pollfd all[] = { { .fd = r->life, .events = POLLIN }, { .fd = r->heard, .events = POLLIN },
                            { .fd = r->stop, .events = POLLIN } };

    while (!(all[0].revents & POLLIN) && !r->given_up) {
        int64_t left = r->due_ms - clock_monotonic_ms();
        int ready = poll(all, COUNT(all), left < 0 ? 0 : left > 60000 ? 60000 : (int)left);

        if (ready > 0 && all[1].revents && !hear(r))
            all[1].fd = -1;
        if (ready > 0 && all[2].revents) {
            r->stopped = true;
            r->due_ms = 0;
            all[2].fd = -1;
        }
        if (!(all[0].revents & POLLIN))
            end_when_due(r);
    }
    hear_rest(r);
    if (r->timed_out)
        kill(-r->pid, SIGKILL); /* those of its group that outlived SIGTERM; the pid is ours until it is waited for */
}

static void wipe_and_close(struct run *r)
{
    static const char zeros[4096];
    off_t length = r->input >= 0 ? lseek(r->input, 0, SEEK_END) : 0;

    for (off_t at = 0; at < length; at += (off_t)sizeof zeros)
        if (pwrite(r->input, zeros, sizeof zeros, at) < 0)
            break;
    for (size_t i = 0; i < 4; i++) {
        int fd = i == 0 ? r->input : i == 1 ? r->heard : i == 2 ? r->said : r->life;

        if (fd >= 0)
            close(fd);
    }
}

static void give_output(struct task *t, const struct run *r, struct program_end *out)
{
    size_t length = r->total < sizeof r->ring ? r->total : sizeof r->ring, start = r->total - length;
    char *at = task_alloc(t, length + 1);

    for (size_t i = 0; i < length; i++)
        at[i] = r->ring[(start + i) % sizeof r->ring];
    out->output_cut = start > 0;
    out->output = words_of(t, (struct text){ at, length }, PROGRAM_OUTPUT_MAX, "\t\n");
}

/* ---- verdicts ---- */

static enum outcome not_started(struct task *t, int e, struct program_end *out)
{
    static const int never[] = { ENOENT, EACCES, ENOEXEC, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG, E2BIG, EINVAL, EPERM };

    out->words = task_printf(t, "cannot be started: %s", strerrordesc_np(e));
    for (size_t i = 0; i < COUNT(never); i++)
        if (e == never[i])
            return INVALID;
    return RETRY;
}

static enum outcome verdict(struct task *t, const struct run *r, int status, int64_t seconds, struct program_end *out)
{
    static const int never[] = { EX_USAGE, EX_DATAERR, EX_NOPERM, EX_CONFIG, EXIT_NOT_EXECUTABLE, EXIT_NOT_FOUND };

    out->timed_out = r->timed_out && !r->stopped;
    out->stopped = r->stopped;
    if (WIFEXITED(status)) {
        out->status = WEXITSTATUS(status);
        out->words = task_printf(t, "exited with %d", out->status);
    } else {
        out->signal = WTERMSIG(status);
        out->words = task_printf(t, "was ended by signal %d", out->signal);
    }
    if (r->stopped && r->timed_out) {
        out->words = TEXT("was ended because the service stops");
        return RETRY;
    }
    if (r->timed_out) {
        out->words = task_printf(t, "did not end within %lld seconds", (long long)seconds);
        return RETRY;
    }
    for (size_t i = 0; i < COUNT(never); i++)
        if (out->status == never[i])
            return INVALID;
    return out->status == 0 ? DONE : RETRY;
}

static char **c_environment(struct task *t, struct texts more)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", language[] = "LANG=C.UTF-8";
    char **list = task_alloc(t, (more.count + 3) * sizeof *list);

    list[0] = path;
    list[1] = language;
    for (size_t i = 0; i < more.count; i++)
        list[i + 2] = task_c_string(t, more.items[i]);
    return list;
}

static enum outcome run_to_its_end(struct task *t, struct run *r, char *const *arguments, const struct program *p,
                                   struct program_end *out)
{
    int64_t seconds = p->seconds < 1 ? 1 : p->seconds;
    int e = spawn(r, arguments, c_environment(t, p->environment)), status = 0;
    pid_t waited;

    if (e)
        return not_started(t, e, out);
    close(r->said); /* so that the pipe ends with the program */
    r->said = -1;
    r->due_ms = clock_monotonic_ms() + seconds * 1000;
    r->life = pidfd_open(r->pid, 0);
    if (r->life >= 0) {
        attend(r);
    } else {
        log_line(LOG_FAULT, "pidfd_open: %s", strerrordesc_np(errno));
        kill(-r->pid, SIGKILL);
    }
    do
        waited = waitpid(r->pid, &status, r->given_up ? WNOHANG : 0);
    while (waited < 0 && errno == EINTR);
    give_output(t, r, out);
    if (waited != r->pid || r->life < 0) {
        out->timed_out = r->timed_out;
        out->stopped = r->stopped;
        out->words = TEXT("its end could not be seen");
        return RETRY;
    }
    return verdict(t, r, status, seconds, out);
}

static char **c_arguments(struct task *t, struct texts given)
{
    char **list = task_alloc(t, (given.count + 1) * sizeof *list);

    for (size_t i = 0; i < given.count; i++) {
        if (!given.items[i].at || text_find(given.items[i], '\0') != TEXT_NOT_FOUND)
            return NULL; /* it would be cut there */
        list[i] = task_c_string(t, given.items[i]);
    }
    return given.count && list[0][0] == '/' ? list : NULL;
}

enum outcome program_run(struct task *t, const struct program *p, struct program_end *out)
{
    struct run *r = task_alloc(t, sizeof *r);
    char **arguments = c_arguments(t, p->arguments);
    enum outcome o = RETRY;

    *out = (struct program_end){ .status = -1, .output = TEXT(""), .words = TEXT("") };
    if (!arguments) {
        out->words = TEXT("cannot be started: its file has no absolute path, or an argument is absent or holds a NUL");
        return INVALID;
    }
    r->input = r->heard = r->said = r->life = -1;
    r->stop = p->stop ? p->stop : -1;
    if (make_files(r, p->input))
        o = run_to_its_end(t, r, arguments, p, out);
    else
        out->words = task_printf(t, "cannot be started: %s", strerrordesc_np(errno));
    wipe_and_close(r);
    return o;
}
