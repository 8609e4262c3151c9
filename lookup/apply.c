/* lookup/apply.c */
#include "lookup/apply.h"

#include "base/log.h"
#include "lookup/live.h"
#include "lookup/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_OCTETS_MAX ((size_t)16 << 20)
#define STAGE ".postreeve-apply."
#define SAVED ".postreeve-"
#define JOURNAL "postreeve-apply.journal"
#define EDITS_MAX 512

static const char *const names[] = { "main.cf", "master.cf" };

static enum outcome complain(const char *path)
{
    log_line(LOG_FAULT, "%s: %s", path, strerror(errno));
    return CONFLICT;
}

static const char *in(struct task *t, const char *directory, const char *name)
{
    return task_c_string(t, task_printf(t, "%s/%s", directory, name));
}

/* -- whole files -- */

static enum outcome read_file(struct task *t, const char *path, struct text *out, struct stat *about)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum outcome o = DONE;
    char *at;
    ssize_t got = 0;

    if (fd < 0 || fstat(fd, about) != 0) {
        o = complain(path);
    } else if (!S_ISREG(about->st_mode) || (uint64_t)about->st_size > FILE_OCTETS_MAX) {
        log_line(LOG_FAULT, "%s: is no plain file, or larger than a configuration is", path);
        o = CONFLICT;
    } else {
        at = task_alloc(t, (size_t)about->st_size + 1);
        out->at = at;
        out->length = 0;
        while (out->length < (size_t)about->st_size
               && (got = read(fd, at + out->length, (size_t)about->st_size - out->length)) > 0)
            out->length += (size_t)got;
        if (got < 0)
            o = complain(path);
    }
    if (fd >= 0)
        close(fd);
    return o;
}

/* A new file with an old one's owner and mode; never one that is there. */
static enum outcome write_new(const char *path, struct text content, const struct stat *as)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t done = 0;
    bool fine = fd >= 0 && (geteuid() != 0 || fchown(fd, as->st_uid, as->st_gid) == 0)
                && fchmod(fd, as->st_mode & 07777) == 0;

    while (fine && done < content.length) {
        ssize_t put = write(fd, content.at + done, content.length - done);

        fine = put >= 0 || errno == EINTR;
        done += put > 0 ? (size_t)put : 0;
    }
    fine = fine && fsync(fd) == 0;
    if (!fine)
        (void)complain(path);
    if (fd >= 0)
        close(fd);
    return fine ? DONE : CONFLICT;
}

static enum outcome copy_file(struct task *t, const char *from, const char *to)
{
    struct text content;
    struct stat about;
    enum outcome o = read_file(t, from, &content, &about);

    return o == DONE ? write_new(to, content, &about) : o;
}

static void remove_stage(const char *stage)
{
    DIR *d = opendir(stage);
    struct dirent *e;

    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.' || strlen(e->d_name) > 2)
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
    rmdir(stage);
}

static void end_stage(void *stage)
{
    remove_stage(stage);
}

/* What killed runs left. Nobody else is at work here: we hold the lock. */
static void remove_stages(struct task *t, const char *directory)
{
    DIR *d = opendir(directory);
    struct dirent *e;

    while (d && (e = readdir(d)))
        if (strncmp(e->d_name, STAGE, strlen(STAGE)) == 0)
            remove_stage(in(t, directory, e->d_name));
    if (d)
        closedir(d);
}

/* -- saved files, and the note that they belong there -- */

static const char *saved_ending(struct task *t, const char *directory)
{
    time_t now = time(NULL);
    struct tm utc;
    char date[32];
    const char *ending = NULL;

    gmtime_r(&now, &utc);
    strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", &utc);
    for (int again = 1; !ending; again++) {
        struct text wish = again == 1 ? task_printf(t, SAVED "%s", date) : task_printf(t, SAVED "%s-%d", date, again);

        ending = wish.at;
        for (size_t i = 0; i < COUNT(names); i++)
            if (access(task_printf(t, "%s/%s%s", directory, names[i], wish.at).at, F_OK) == 0)
                ending = NULL;
    }
    return ending;
}

static enum outcome save(struct task *t, const char *directory, const char **ending)
{
    struct output *journal = NULL;
    bool changed;
    enum outcome o = DONE;

    *ending = saved_ending(t, directory);
    for (size_t i = 0; o == DONE && i < COUNT(names); i++)
        o = copy_file(t, in(t, directory, names[i]),
                      task_printf(t, "%s/%s%s", directory, names[i], *ending).at);
    if (o == DONE)
        o = output_open(t, in(t, directory, JOURNAL), OUTPUT_PUBLIC, &journal);
    if (o != DONE)
        return o;
    output_write(journal, text_of(*ending));
    output_write(journal, TEXT("\n"));
    o = output_finish(journal, &changed);
    return o == DONE ? output_keep(journal) : o;
}

/* By a rename each, so that a kill in the middle leaves the note, and the next run does it again. */
static enum outcome restore(struct task *t, const char *directory, const char *ending)
{
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && i < COUNT(names); i++) {
        const char *beside = in(t, directory, task_printf(t, "%s.postreeve-restore", names[i]).at);

        unlink(beside);
        o = copy_file(t, task_printf(t, "%s/%s%s", directory, names[i], ending).at, beside);
        if (o == DONE)
            o = output_rename(beside, in(t, directory, names[i]));
    }
    if (o == DONE && unlink(in(t, directory, JOURNAL)) != 0)
        o = complain(in(t, directory, JOURNAL));
    return o;
}

bool apply_is_unfinished(struct task *t, const char *directory)
{
    return access(in(t, directory, JOURNAL), F_OK) == 0;
}

enum outcome apply_mend(struct task *t, const char *directory)
{
    const char *journal = in(t, directory, JOURNAL);
    struct text ending;
    struct stat about;
    enum outcome o;

    if (!apply_is_unfinished(t, directory))
        return DONE;
    o = read_file(t, journal, &ending, &about);
    if (o != DONE)
        return o;
    ending = text_trim(ending);
    if (!text_starts(ending, TEXT(SAVED)) || text_find(ending, '/') != TEXT_NOT_FOUND) {
        log_line(LOG_FAULT, "%s: does not say which files belong here", journal);
        return CONFLICT;
    }
    log_line(LOG_WARN, "%s: a run had not come to its end; the files of %.*s are put back", directory,
             (int)(ending.length - strlen(SAVED)), ending.at + strlen(SAVED));
    return restore(t, directory, task_c_string(t, ending));
}

/* -- the copies -- */

static enum outcome stage_files(struct task *t, const char *directory, char **stage)
{
    enum outcome o = DONE;

    *stage = task_c_string(t, task_printf(t, "%s/" STAGE "XXXXXX", directory));
    if (!mkdtemp(*stage))
        return complain(*stage);
    task_defer(t, end_stage, *stage);
    for (size_t i = 0; o == DONE && i < COUNT(names); i++)
        o = copy_file(t, in(t, directory, names[i]), in(t, *stage, names[i]));
    return o;
}

struct edit { /* postconf's arguments */
    const char *arguments[EDITS_MAX];
    size_t count;
};

static void begin_edit(struct edit *e, const char *stage, const char *kind)
{
    e->arguments[0] = "postconf";
    e->arguments[1] = "-c";
    e->arguments[2] = stage;
    e->arguments[3] = kind;
    e->count = 4;
}

static void add_edit(struct task *t, struct edit *e, struct text name, struct text value)
{
    if (e->count + 1 < EDITS_MAX) {
        struct text word = task_join(t, task_join(t, name, TEXT("=")), value);

        e->arguments[e->count++] = task_c_string(t, word);
        e->arguments[e->count] = NULL;
    }
}

static enum outcome run_edit(struct task *t, const struct edit *e)
{
    struct heard heard;

    return e->count > 4 ? live_ask(t, e->arguments, &heard) : DONE;
}

static bool is_written_whole(const struct differences *all, struct text service)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].kind == DIFFERENT_SERVICE && text_equal(all->items[i].service, service))
            return true;
    return false;
}

static enum outcome edit_files(struct task *t, const char *stage, const struct differences *all)
{
    struct edit *edits = task_alloc(t, 3 * sizeof *edits);
    enum outcome o = DONE;

    begin_edit(&edits[0], stage, "-e");
    begin_edit(&edits[1], stage, "-M");
    begin_edit(&edits[2], stage, "-P");
    for (size_t i = 0; i < all->count; i++) {
        const struct difference *d = &all->items[i];

        if (d->kind == DIFFERENT_PARAMETER)
            add_edit(t, &edits[0], d->name, d->rendered);
        else if (d->kind == DIFFERENT_SERVICE)
            add_edit(t, &edits[1], d->service, d->entry);
        else if (!is_written_whole(all, d->service))
            add_edit(t, &edits[2], d->name, d->rendered);
    }
    for (size_t i = 0; o == DONE && i < 3; i++)
        o = run_edit(t, &edits[i]);
    return o;
}

/* -- what Postfix says to them -- */

static enum outcome complaints(struct task *t, const char *directory, struct text *out)
{
    static const char *const kinds[] = { "-n", "-M" };
    enum outcome o = DONE;

    *out = TEXT("");
    for (size_t i = 0; o == DONE && i < COUNT(kinds); i++) {
        const char *const arguments[] = { "postconf", "-c", directory, kinds[i], NULL };
        struct heard heard;

        o = live_ask(t, arguments, &heard);
        *out = task_join(t, *out, heard.words);
    }
    return o;
}

/* Without the directory's name, which is not the same for the copies. */
static bool has_line(struct task *t, struct text all, struct text wanted, const char *ours, const char *theirs)
{
    size_t skip = text_starts(wanted, TEXT("postconf: warning: ")) ? strlen("postconf: warning: ") : 0;

    wanted = text_part(wanted, skip, wanted.length);
    if (text_starts(wanted, text_of(theirs)))
        wanted = task_join(t, text_of(ours), text_part(wanted, strlen(theirs), wanted.length));
    return wanted.length == 0 || strstr(task_c_string(t, all), task_c_string(t, wanted)) != NULL;
}

/* A warning that was not there before is about what we wrote: an unused parameter, a service twice. */
static enum outcome check_words(struct task *t, const char *directory, const char *stage)
{
    struct text before, after;
    enum outcome o = complaints(t, directory, &before);

    if (o == DONE)
        o = complaints(t, stage, &after);
    while (o == DONE && after.length) {
        size_t end = text_find(after, '\n');
        struct text line = text_trim(text_part(after, 0, end));

        if (!has_line(t, before, line, directory, stage)) {
            log_line(LOG_FAULT, "%.*s", (int)line.length, line.at);
            o = CONFLICT;
        }
        after = end == TEXT_NOT_FOUND ? TEXT("") : text_part(after, end + 1, after.length);
    }
    return o;
}

static enum outcome check(struct task *t, const char *directory)
{
    const char *const arguments[] = { "postfix", "-c", directory, "check", NULL };
    struct heard heard;

    return live_ask(t, arguments, &heard);
}

/* -- all of it -- */

static enum outcome replace(struct task *t, const char *directory, const char *stage)
{
    const char *ending = NULL;
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && i < COUNT(names); i++) { /* postconf gave them a mode of its own */
        struct stat about;
        const char *path = in(t, directory, names[i]), *copy = in(t, stage, names[i]);

        if (lstat(path, &about) != 0 || (geteuid() == 0 && chown(copy, about.st_uid, about.st_gid) != 0)
            || chmod(copy, about.st_mode & 07777) != 0)
            o = complain(path);
    }
    if (o == DONE)
        o = save(t, directory, &ending);
    if (o != DONE)
        return o;
    for (size_t i = 0; o == DONE && i < COUNT(names); i++)
        o = output_rename(in(t, stage, names[i]), in(t, directory, names[i]));
    if (o == DONE)
        o = check(t, directory);
    if (o == DONE)
        return unlink(in(t, directory, JOURNAL)) == 0 ? DONE : complain(in(t, directory, JOURNAL));
    log_line(LOG_FAULT, "%s: the files are put back as they were", directory);
    return restore(t, directory, ending) == DONE ? o : CONFLICT;
}

static void close_lock(void *fd)
{
    close(*(int *)fd);
}

static enum outcome lock(struct task *t, const char *directory)
{
    int *fd = task_alloc(t, sizeof *fd);

    *fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return complain(directory);
    task_defer(t, close_lock, fd);
    return flock(*fd, LOCK_EX) == 0 ? DONE : complain(directory);
}

enum outcome apply(struct task *t, const char *directory, struct text main, struct text master)
{
    struct differences all = { 0 };
    char *stage = NULL;
    enum outcome o = lock(t, directory);

    if (o == DONE)
        o = apply_mend(t, directory);
    if (o == DONE)
        o = live_compare(t, directory, main, master, &all);
    if (o != DONE || all.count == 0)
        return o;
    remove_stages(t, directory);
    o = stage_files(t, directory, &stage);
    if (o == DONE)
        o = edit_files(t, stage, &all);
    if (o == DONE)
        o = check_words(t, directory, stage);
    if (o == DONE)
        o = check(t, stage);
    if (o == DONE)
        o = replace(t, directory, stage);
    return o;
}

enum outcome apply_reload(struct task *t, const char *directory)
{
    const char *const arguments[] = { "postfix", "-c", directory, "reload", NULL };
    struct heard heard;

    return live_ask(t, arguments, &heard);
}
