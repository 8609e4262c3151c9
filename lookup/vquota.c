/* lookup/vquota.c */
#include "lookup/vquota.h"

#include "base/log.h"
#include "lookup/directory.h"
#include "lookup/question.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_STEP 10000 /* rows */

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

#define KEY_OCTETS_MAX 511 /* what lmdb takes */

/* A key with a blank or a '#' in front would mean another line to postmap, one with quotes or backslashes another key. */
static bool is_plain_key(struct text key)
{
    for (size_t i = 0; i < key.length; i++)
        if ((unsigned char)key.at[i] <= ' ' || strchr("\x7F\"\\", key.at[i]))
            return false;
    return key.length && key.length <= KEY_OCTETS_MAX && key.at[0] != '#';
}

static enum outcome write_line(void *context, const void *row)
{
    struct writing *w = context;
    const struct line *line = row;
    char text[KEY_OCTETS_MAX + 32];
    int length;

    if (!is_plain_key(line->key)) {
        log_line(LOG_WARN, "vquota leaves out %.*s: a table of Postfix cannot hold that name",
                 (int)line->key.length, line->key.at);
        return DONE;
    }
    length = snprintf(text, sizeof text, "%.*s %lld\n", (int)line->key.length, line->key.at,
                      (long long)line->octets);
    if (length < 0 || (size_t)length >= sizeof text)
        abort(); /* no number of 64 bits is so long */
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

static enum outcome to_file(struct task *t, const struct config *c, const struct vquota_options *options)
{
    struct writing w = { .show_progress = isatty(STDERR_FILENO) };
    enum outcome o = output_turn(t, options->out);

    if (o == DONE)
        o = output_open(t, options->out, OUTPUT_PUBLIC, &w.to);
    if (o == DONE)
        o = write_all(t, c, options->domain_defaults, &w);
    return o == DONE ? table_keep(t, w.to, options->out, options->type) : o;
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
