/* lookup/table.c */
#include "lookup/table.h"

#include "base/log.h"
#include "model/address.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY_OCTETS_MAX 511 /* what lmdb takes */

extern char **environ;

const struct table_type table_types[] = {
    { "hash", ".db" }, { "btree", ".db" }, { "lmdb", ".lmdb" }, { "cdb", ".cdb" }, { 0 },
};

const struct table_type *table_type_named(struct text name)
{
    for (const struct table_type *t = table_types; t->name; t++)
        if (text_equal(text_of(t->name), name))
            return t;
    return NULL;
}

/* By its arguments, never through a shell. Its own words go to our standard error. Keys stay as they are (-f): Postfix asks in
 * small letters, so one in capitals is found here no more than in the database; folded, it would answer for another's. */
static enum outcome run_postmap(struct task *t, const struct table_type *type, const char *file)
{
    struct text source = task_printf(t, "%s:%s", type->name, file);
    char *arguments[] = { task_c_string(t, TEXT("postmap")), task_c_string(t, TEXT("-f")),
                          task_c_string(t, source), NULL };
    int status = -1, wrong;
    pid_t child;

    wrong = posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ);
    if (wrong != 0) {
        log_line(LOG_FAULT, "postmap: %s", strerror(wrong));
        return CONFLICT;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return DONE;
    log_line(LOG_FAULT, "postmap %s failed; the old file stays", source.at);
    return CONFLICT;
}

/* postmap gives a table to root's own group: who may read the text may read the table. */
static enum outcome same_readers(const char *text, const char *table)
{
    struct stat about;
    int fd = open(table, O_RDONLY | O_CLOEXEC);
    bool fine = fd >= 0 && stat(text, &about) == 0;

    if (fine && geteuid() == 0)
        fine = fchown(fd, about.st_uid, about.st_gid) == 0;
    if (fine)
        fine = fchmod(fd, about.st_mode & 0777) == 0;
    if (!fine)
        log_line(LOG_FAULT, "%s: %s", table, strerror(errno));
    if (fd >= 0)
        close(fd);
    return fine ? DONE : CONFLICT;
}

static void remove_file(void *path)
{
    unlink(path);
}

/* The table first: if we end between the two renames, the next run finds the text old and does both again. */
static enum outcome keep_both(struct task *t, struct output *to, const char *path, const struct table_type *type)
{
    char *beside = task_c_string(t, task_printf(t, "%s%s", output_beside(to), type->ending));
    enum outcome o;

    task_defer(t, remove_file, beside);
    o = run_postmap(t, type, output_beside(to));
    if (o == DONE)
        o = same_readers(output_beside(to), beside);
    if (o == DONE)
        o = output_rename(beside, task_printf(t, "%s%s", path, type->ending).at);
    return o == DONE ? output_keep(to) : o;
}

enum outcome table_keep(struct task *t, struct output *to, const char *path, const struct table_type *type)
{
    bool changed = false, no_table = false;
    enum outcome o = output_finish(to, &changed);

    if (o != DONE)
        return o;
    if (type)
        no_table = access(task_printf(t, "%s%s", path, type->ending).at, F_OK) != 0;
    if (!changed && !no_table)
        return DONE;
    return type ? keep_both(t, to, path, type) : output_keep(to);
}

static bool needs_quotes(struct text key)
{
    for (size_t i = 0; i < key.length; i++)
        if (key.at[i] == ' ' || key.at[i] == '"' || key.at[i] == '\\')
            return true;
    return false;
}

/* Quotes are of local parts alone. */
static bool is_quoted_elsewhere(struct text key, const struct address *a)
{
    return needs_quotes(text_find(key, '@') == TEXT_NOT_FOUND ? key : a->domain);
}

bool table_line(struct task *t, struct text key, struct text value, struct text *out)
{
    struct address a = address_split(key);
    struct text name = needs_quotes(key) ? address_quoted(t, &a) : key;
    char *line;

    if (text_has_control(key, "") || text_trim(value).length == 0 || is_quoted_elsewhere(key, &a))
        return false;
    if (name.length == 0 || name.length > KEY_OCTETS_MAX || name.at[0] == '#')
        return false;
    line = task_alloc(t, name.length + 1 + value.length + 2);
    memcpy(line, name.at, name.length);
    line[name.length] = '\t';
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.at[i];

        line[name.length + 1 + i] = (char)(c < ' ' || c == 0x7F ? ' ' : c);
    }
    line[name.length + 1 + value.length] = '\n';
    *out = (struct text){ line, name.length + value.length + 2 };
    return true;
}
