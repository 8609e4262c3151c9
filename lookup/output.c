/* lookup/output.c */
#include "lookup/output.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
    char *path, *beside;
    FILE *file, *old; /* old: NULL when there is none, or once it differs */
    bool same, failed, there;
};

static enum outcome complain(const char *path)
{
    log_line(LOG_FAULT, "%s: %s", path, strerror(errno));
    return CONFLICT;
}

static void output_release(void *it)
{
    struct output *o = it;

    if (o->file)
        fclose(o->file);
    if (o->old)
        fclose(o->old);
    if (o->there)
        unlink(o->beside);
}

struct owner {
    const char *group, *user; /* NULL: root stays its owner */
};
static const struct owner owners[] = { /* of the others: nothing is changed */
    [OUTPUT_SECRET] = { "postfix", NULL },
    [OUTPUT_OPENDKIM] = { "opendkim", "opendkim" },
    [OUTPUT_RSPAMD] = { "_rspamd", "_rspamd" },
};

/* Only root can give a file to another; whoever runs as the daemon's own account needs not. */
static bool settle_mode(int fd, enum output_privacy privacy)
{
    const struct owner *o = geteuid() == 0 && owners[privacy].group ? &owners[privacy] : NULL;
    const struct group *group = o ? getgrnam(o->group) : NULL;
    const struct passwd *user = o && o->user ? getpwnam(o->user) : NULL;

    if (group && fchown(fd, user ? user->pw_uid : 0, group->gr_gid) != 0)
        return false;
    return fchmod(fd, privacy == OUTPUT_PUBLIC ? 0644 : privacy == OUTPUT_PROGRAM ? 0755 : group && !user ? 0640 : 0600) == 0;
}

/* Renaming over a device would put a file in its place: `--out /dev/null` would take it from the whole machine. */
static bool can_be_replaced(const char *path)
{
    struct stat there;

    return stat(path, &there) != 0 || S_ISREG(there.st_mode);
}

enum outcome output_check_mark(const char *path, const char *mark)
{
    char first[256] = "";
    FILE *old = fopen(path, "re");
    bool ours;

    if (!old && errno == ENOENT)
        return DONE;
    if (!old)
        return complain(path);
    ours = !fgets(first, sizeof first, old) || strcmp(first, mark) == 0
           || (strncmp(first, "#!", 2) == 0 && fgets(first, sizeof first, old) && strcmp(first, mark) == 0);
    fclose(old);
    if (!ours)
        log_line(LOG_FAULT, "%s is there and was not written by postreeve-lookup render; move it away first", path);
    return ours ? DONE : CONFLICT;
}

enum outcome output_open(struct task *t, const char *path, enum output_privacy privacy, struct output **out)
{
    struct output *o = task_alloc(t, sizeof *o);
    int fd;

    if (!can_be_replaced(path)) {
        log_line(LOG_FAULT, "%s: is no plain file, and only such a one is replaced", path);
        return CONFLICT;
    }
    o->path = task_c_string(t, text_of(path));
    o->beside = task_c_string(t, task_printf(t, "%s.XXXXXX", path));
    fd = mkostemp(o->beside, O_CLOEXEC);
    if (fd < 0)
        return complain(path);
    o->there = true;
    task_defer(t, output_release, o);
    o->file = fdopen(fd, "w");
    if (!o->file)
        abort();
    if (!settle_mode(fd, privacy))
        return complain(o->beside);
    o->old = fopen(path, "re");
    o->same = o->old != NULL;
    *out = o;
    return DONE;
}

enum outcome output_lend(struct output *o, const char *account)
{
    const struct passwd *reader = geteuid() == 0 ? getpwnam(account) : NULL;
    struct stat old;

    if (!reader)
        return DONE;
    if (fchown(fileno(o->file), 0, reader->pw_gid) != 0 || fchmod(fileno(o->file), 0640) != 0)
        return complain(o->beside);
    if (o->old && (fstat(fileno(o->old), &old) != 0 || old.st_gid != reader->pw_gid || (old.st_mode & 0777) != 0640))
        o->same = false; /* the same words for another account */
    return DONE;
}

static bool old_begins(struct output *o, struct text piece)
{
    char octets[4096];

    for (size_t done = 0; done < piece.length;) {
        size_t part = piece.length - done < sizeof octets ? piece.length - done : sizeof octets;

        if (fread(octets, 1, part, o->old) != part || memcmp(octets, piece.at + done, part) != 0)
            return false;
        done += part;
    }
    return true;
}

void output_write(struct output *o, struct text piece)
{
    if (o->same && !old_begins(o, piece))
        o->same = false;
    if (piece.length && fwrite(piece.at, 1, piece.length, o->file) != piece.length)
        o->failed = true;
}

enum outcome output_finish(struct output *o, bool *changed)
{
    bool fine = !o->failed && fflush(o->file) == 0;

    if (o->same && fgetc(o->old) != EOF)
        o->same = false;
    if (fine && !o->same)
        fine = fsync(fileno(o->file)) == 0;
    if (!fine)
        return complain(o->beside);
    *changed = !o->same;
    return DONE;
}

const char *output_beside(const struct output *o)
{
    return o->beside;
}

static int flush_by_name(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), done;

    if (fd < 0)
        return -1;
    done = fsync(fd);
    close(fd);
    return done;
}

/* The new name is safe once its directory is on the disk as well. */
static int flush_directory_of(const char *path)
{
    char directory[4096];
    const char *slash = strrchr(path, '/');
    int length = slash == path ? 1 : slash ? (int)(slash - path) : 0;

    snprintf(directory, sizeof directory, "%.*s", length ? length : 1, length ? path : ".");
    return flush_by_name(directory);
}

static void end_turn(void *fd)
{
    close(*(int *)fd);
}

enum outcome output_turn(struct task *t, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = task_c_string(t, slash == path ? TEXT("/") : slash ? (struct text){ path, (size_t)(slash - path) } : TEXT("."));
    int *fd = task_alloc(t, sizeof *fd), done;

    *fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return complain(directory);
    task_defer(t, end_turn, fd);
    while ((done = flock(*fd, LOCK_EX)) != 0 && errno == EINTR)
        ;
    return done == 0 ? DONE : complain(directory);
}

enum outcome output_rename(const char *from, const char *to)
{
    if (flush_by_name(from) != 0 || rename(from, to) != 0 || flush_directory_of(to) != 0)
        return complain(to);
    return DONE;
}

enum outcome output_keep(struct output *o)
{
    enum outcome done = output_rename(o->beside, o->path);

    if (done == DONE)
        o->there = false;
    return done;
}

enum outcome output_directories(struct task *t, const char *path)
{
    char *name = task_c_string(t, text_of(path));

    for (char *slash = strchr(name + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(name, 0755) != 0 && errno != EEXIST)
            return complain(name);
        *slash = '/';
    }
    return DONE;
}

/* Without a trailing slash; `realpath` would need the directory to exist. */
struct text output_absolute(struct task *t, const char *path)
{
    struct text whole = text_of(path);
    char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);

    if (here)
        whole = task_printf(t, "%s/%s", here, path);
    free(here);
    while (whole.length > 1 && text_ends(whole, TEXT("/")))
        whole.length--;
    return task_copy(t, whole);
}
