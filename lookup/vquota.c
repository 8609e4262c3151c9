/* lookup/vquota.c */
#include "lookup/vquota.h"

#include "base/log.h"
#include "lookup/directory.h"
#include "lookup/output.h"
#include "lookup/question.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRESS_STEP 10000 /* rows */

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

struct line {
    struct text key;
    int64_t octets;
};

static const struct field line_fields[] = { COLUMN(struct line, key), COLUMN(struct line, octets) };
static const struct shape line_shape = SHAPE(struct line, "QuotaLine", line_fields);

/* In the order of the primary keys, so that the same content is the same file. STRAIGHT_JOIN has the
 * mailboxes come in that order from the table itself; by the domains first, as the optimizer likes it, all of
 * them would be sorted on disk. */
enum { MAILBOXES, DOMAINS };
const struct statement vquota_statements[] = {
    [MAILBOXES] = { "vquota.mailboxes",
                    "SELECT m.username AS `key`, " QUOTA_CAPPED("m.quota") " AS octets"
                    " FROM mailbox m STRAIGHT_JOIN domain d ON d.domain = m.domain AND d.active = 1"
                    " WHERE m.active = 1 ORDER BY m.username",
                    &asked_shape, &line_shape },
    [DOMAINS] = { "vquota.domains",
                  "SELECT CONCAT('@', d.domain) AS `key`, "
                  QUOTA_CAPPED("(" DOMAIN_CEILING("d") ")") " AS octets"
                  " FROM domain d WHERE d.active = 1 AND d.backupmx = 0 ORDER BY d.domain",
                  &asked_shape, &line_shape },
    { 0 },
};

struct writing {
    struct output *to; /* NULL: standard output */
    int64_t rows;
    bool show_progress, failed;
};

static void show_progress(const struct writing *w, const char *end)
{
    if (w->show_progress)
        fprintf(stderr, "\r%lld mailboxes%s", (long long)w->rows, end);
}

/* A key with a blank or a '#' in front would mean another line to postmap; no address of ours has one. */
static bool is_plain_key(struct text key)
{
    for (size_t i = 0; i < key.length; i++)
        if ((unsigned char)key.at[i] <= ' ')
            return false;
    return key.length && key.at[0] != '#';
}

static enum outcome write_line(void *context, const void *row)
{
    struct writing *w = context;
    const struct line *line = row;
    char text[512];
    int length;

    if (!is_plain_key(line->key)) {
        log_line(LOG_WARN, "vquota leaves out %.*s: a table of Postfix cannot hold that name",
                 (int)line->key.length, line->key.at);
        return DONE;
    }
    length = snprintf(text, sizeof text, "%.*s %lld\n", (int)line->key.length, line->key.at,
                      (long long)line->octets);
    if (length < 0 || (size_t)length >= sizeof text)
        return BROKEN;
    if (w->to)
        output_write(w->to, (struct text){ text, (size_t)length });
    else if (fwrite(text, 1, (size_t)length, stdout) != (size_t)length)
        w->failed = true;
    if (++w->rows % PROGRESS_STEP == 0)
        show_progress(w, "");
    return DONE;
}

static enum outcome write_all(struct task *t, const struct config *c, bool domain_defaults, struct writing *w)
{
    struct asked a = directory_settings(c);
    enum outcome o = statement_each(t, &vquota_statements[MAILBOXES], &a, write_line, w);

    show_progress(w, "\n");
    if (o == DONE && domain_defaults)
        o = statement_each(t, &vquota_statements[DOMAINS], &a, write_line, w);
    return o;
}

/* By its arguments, never through a shell. Its own words go to our standard error. */
static enum outcome run_postmap(struct task *t, const struct table_type *type, const char *file)
{
    struct text source = task_printf(t, "%s:%s", type->name, file);
    char *arguments[] = { task_c_string(t, TEXT("postmap")), task_c_string(t, source), NULL };
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

static void remove_file(void *path)
{
    unlink(path);
}

/* The table first: if we end between the two renames, the next run finds the text old and does both again. */
static enum outcome keep_with_table(struct task *t, struct output *to, const struct vquota_options *options)
{
    char *beside = task_c_string(t, task_printf(t, "%s%s", output_beside(to), options->type->ending));
    enum outcome o;

    task_defer(t, remove_file, beside);
    o = run_postmap(t, options->type, output_beside(to));
    if (o == DONE)
        o = output_rename(beside, task_printf(t, "%s%s", options->out, options->type->ending).at);
    return o == DONE ? output_keep(to) : o;
}

static enum outcome to_file(struct task *t, const struct config *c, const struct vquota_options *options)
{
    struct writing w = { .show_progress = isatty(STDERR_FILENO) };
    bool changed = false, no_table = false;
    enum outcome o = output_open(t, options->out, OUTPUT_PUBLIC, &w.to);

    if (o == DONE)
        o = write_all(t, c, options->domain_defaults, &w);
    if (o == DONE)
        o = output_finish(w.to, &changed);
    if (o != DONE)
        return o;
    if (options->type)
        no_table = access(task_printf(t, "%s%s", options->out, options->type->ending).at, F_OK) != 0;
    if (!changed && !no_table)
        return DONE;
    return options->type ? keep_with_table(t, w.to, options) : output_keep(w.to);
}

enum outcome vquota(struct task *t, const struct config *c, const struct vquota_options *options)
{
    struct writing w = { 0 };
    enum outcome o;

    if (options->out)
        return to_file(t, c, options);
    o = write_all(t, c, options->domain_defaults, &w);
    if (o == DONE && (w.failed || fflush(stdout) != 0)) {
        log_line(LOG_FAULT, "standard output: %s", strerror(errno));
        return CONFLICT;
    }
    return o;
}
