/* lookup/dkim.c */
#include "lookup/dkim.h"

#include "base/log.h"
#include "lookup/directory.h"
#include "lookup/output.h"
#include "lookup/render_parts.h"
#include "store/dkim.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 4096

const char *const dkim_words[] = {
    [DKIM_NONE] = "none", [DKIM_OPENDKIM] = "opendkim", [DKIM_RSPAMD] = "rspamd", NULL,
};

struct key {
    int64_t id;
    struct text author, domain, selector, path, pem;
};

struct signing {
    struct task *t;
    const struct config *config;
    struct text out; /* absolute */
    enum dkim program;
    struct key *keys;
    size_t count;
};

struct text dkim_milter(const struct config *c, enum dkim program)
{
    if (c->dkim.milter.length)
        return c->dkim.milter;
    return program == DKIM_RSPAMD ? TEXT("inet:127.0.0.1:11332") : TEXT("inet:127.0.0.1:8891");
}

/* ---- which keys ---- */

/* A name of these files and of a directory: neither a blank nor a separator, and no way out of the directory. */
static bool is_name(struct text given)
{
    for (size_t i = 0; i < given.length; i++)
        if (!isalnum((unsigned char)given.at[i]) && !strchr("-_.", given.at[i] ? given.at[i] : '/'))
            return false;
    return given.length > 0 && given.at[0] != '.';
}

/* A domain, or an address of one. A pattern ("*", ".domain") would sign for others. */
static bool is_author(struct text given)
{
    size_t at = text_find_last(given, '@');

    for (size_t i = 0; i < given.length; i++)
        if (!isgraph((unsigned char)given.at[i]) || strchr("#\"\\*,", given.at[i]))
            return false;
    return at == TEXT_NOT_FOUND ? is_name(given) : at > 0 && is_name(text_part(given, at + 1, given.length));
}

static const char *directory_of_keys(enum dkim program)
{
    return program == DKIM_RSPAMD ? "rspamd/postreeve/keys/" : "opendkim/keys/";
}

static enum outcome complain(const struct dkim_signing *row, const char *what)
{
    log_line(LOG_FAULT, "DKIM key %lld: %s", (long long)row->id, what);
    return INVALID;
}

static enum outcome take_key(struct signing *s, const struct dkim_signing *row)
{
    struct dkim_key stored = { .id = row->id, .stored_private = row->stored_private };
    struct dkim_pair pair = { 0 };
    struct text clear = TEXT("");
    enum outcome o = INVALID;

    if (!is_name(row->domain) || !is_name(row->selector))
        return complain(row, "its domain or its selector is no name that a file can have");
    if (!is_author(row->author))
        return complain(row, "who signs with it is neither a domain nor an address");
    if (stored.stored_private.length)
        o = dkim_private(s->t, s->config->vault, &stored, &clear);
    if (o != DONE)
        return complain(row, "its private key is missing, or was stored under another key than that of [secrets] key_file");
    if (dkim_import(s->t, "private_key", clear, &pair) != DONE)
        return complain(row, "its private key is none that can sign");
    s->keys[s->count++] = (struct key){
        .id = row->id, .author = row->author, .domain = row->domain, .selector = row->selector, .pem = pair.private_pem,
        .path = task_printf(s->t, "%s/%s%s/%s.private", s->out.at, directory_of_keys(s->program), row->domain.at,
                            row->selector.at),
    };
    return DONE;
}

static enum outcome take_keys(struct signing *s)
{
    struct rows rows = { 0 };
    const struct dkim_signing *row;
    enum outcome all = store_dkim_signings(s->t, &rows);

    row = rows.items;
    s->keys = task_alloc(s->t, rows.count * sizeof *s->keys);
    for (size_t i = 0; all != RETRY && all != BROKEN && i < rows.count; i++) {
        enum outcome o = take_key(s, &row[i]);

        if (o != DONE)
            all = o;
    }
    return all;
}

/* ---- the files ---- */

static enum outcome write_file(struct signing *s, const char *path, struct text content, bool private)
{
    enum output_privacy whose = !private ? OUTPUT_PUBLIC : s->program == DKIM_RSPAMD ? OUTPUT_RSPAMD : OUTPUT_OPENDKIM;
    struct output *o = NULL;
    bool changed = false;
    enum outcome ended = private ? DONE : output_check_mark(path, RENDER_MARK);

    if (ended == DONE)
        ended = output_directories(s->t, path);
    if (ended == DONE)
        ended = output_open(s->t, path, whose, &o);
    if (ended != DONE)
        return ended;
    output_write(o, content);
    ended = output_finish(o, &changed);
    return ended == DONE && changed ? output_keep(o) : ended;
}

typedef struct text line_fn(struct signing *s, const struct key *k);

static struct text key_line(struct signing *s, const struct key *k)
{
    return task_printf(s->t, "k%lld %s:%s:%s\n", (long long)k->id, k->domain.at, k->selector.at, k->path.at);
}

static struct text author_line(struct signing *s, const struct key *k)
{
    return task_printf(s->t, "%s k%lld\n", k->author.at, (long long)k->id);
}

/* rspamd goes by domains alone. */
static struct text path_line(struct signing *s, const struct key *k)
{
    return text_equal(k->author, k->domain) ? task_printf(s->t, "%s %s\n", k->domain.at, k->path.at) : TEXT("");
}

static struct text selector_line(struct signing *s, const struct key *k)
{
    return text_equal(k->author, k->domain) ? task_printf(s->t, "%s %s\n", k->domain.at, k->selector.at) : TEXT("");
}

static bool is_named_before(const struct signing *s, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (s->keys[k].id == s->keys[i].id)
            return true;
    return false;
}

static enum outcome write_table(struct signing *s, const char *name, line_fn *line, bool once_each_key)
{
    struct text content = TEXT(RENDER_MARK);

    for (size_t i = 0; i < s->count; i++)
        if (!once_each_key || !is_named_before(s, i))
            content = task_join(s->t, content, line(s, &s->keys[i]));
    return write_file(s, task_printf(s->t, "%s/%s", s->out.at, name).at, content, false);
}

/* Postfix writes inet:HOST:PORT and unix:PATH, OpenDKIM inet:PORT@HOST and local:PATH. */
static struct text opendkim_socket(struct signing *s)
{
    struct text milter = dkim_milter(s->config, s->program);
    struct text where = text_part(milter, text_find(milter, ':') + 1, milter.length);
    size_t colon = text_find_last(where, ':');

    if (!text_starts(milter, TEXT("inet:")) || colon == TEXT_NOT_FOUND)
        return task_printf(s->t, "local:%.*s", (int)where.length, where.at);
    return task_printf(s->t, "inet:%.*s@%.*s", (int)(where.length - colon - 1), where.at + colon + 1, (int)colon, where.at);
}

static enum outcome write_opendkim(struct signing *s)
{
    struct text conf = task_printf(s->t,
                                   RENDER_MARK "# In opendkim.conf, as its last line:  Include %s/opendkim/postreeve.conf\n"
                                               "Mode sv\n"
                                               "KeyTable file:%s/opendkim/KeyTable\n"
                                               "SigningTable file:%s/opendkim/SigningTable\n"
                                               "Socket %s\n",
                                   s->out.at, s->out.at, s->out.at, opendkim_socket(s).at);
    enum outcome o = write_table(s, "opendkim/KeyTable", key_line, true);

    if (o == DONE)
        o = write_table(s, "opendkim/SigningTable", author_line, false);
    return o == DONE ? write_file(s, task_printf(s->t, "%s/opendkim/postreeve.conf", s->out.at).at, conf, false) : o;
}

static enum outcome write_rspamd(struct signing *s)
{
    struct text conf = task_printf(s->t,
                                   RENDER_MARK "use_domain = \"header\";\n"
                                               "use_esld = false;\n"
                                               "allow_username_mismatch = true;\n"
                                               "path_map = \"%s/rspamd/postreeve/dkim_paths.map\";\n"
                                               "selector_map = \"%s/rspamd/postreeve/dkim_selectors.map\";\n",
                                   s->out.at, s->out.at);
    enum outcome o = write_table(s, "rspamd/postreeve/dkim_paths.map", path_line, false);

    if (o == DONE)
        o = write_table(s, "rspamd/postreeve/dkim_selectors.map", selector_line, false);
    return o == DONE ? write_file(s, task_printf(s->t, "%s/rspamd/local.d/dkim_signing.conf", s->out.at).at, conf, false) : o;
}

/* While it is away letters wait, those that come in and those that go out: none goes unsigned. */
void print_postfix_milters(const struct rendering *r, FILE *to)
{
    if (r->dkim == DKIM_NONE)
        return;
    fprintf(to,
            "# Who signs (DKIM), and looks at what comes in.\n"
            "smtpd_milters = %s\n"
            "non_smtpd_milters = $smtpd_milters\n"
            "milter_default_action = tempfail\n",
            dkim_milter(r->config, r->dkim).at);
}

/* ---- keys that are no more ---- */

static const char *table_of_paths(const struct signing *s)
{
    return task_printf(s->t, "%s/%s", s->out.at,
                       s->program == DKIM_RSPAMD ? "rspamd/postreeve/dkim_paths.map" : "opendkim/KeyTable").at;
}

/* The file of a line of either table; absent for any that is not one of ours. */
static struct text path_in(struct signing *s, const char *line)
{
    const char *from = strstr(line, task_printf(s->t, "%s/%s", s->out.at, directory_of_keys(s->program)).at);
    struct text path = from ? text_trim(task_copy(s->t, text_of(from))) : (struct text){ 0 };

    return path.at && !strstr(from, "/../") && line[0] != '#' ? task_copy(s->t, path) : (struct text){ 0 };
}

static struct texts paths_before(struct signing *s)
{
    struct texts found = { 0 };
    char line[LINE_MAX_OCTETS];
    FILE *file = fopen(table_of_paths(s), "re");

    while (file && fgets(line, sizeof line, file)) {
        struct text path = path_in(s, line);
        struct text *items = path.at ? task_alloc(s->t, (found.count + 1) * sizeof *items) : NULL;

        if (!path.at)
            continue;
        if (found.count)
            memcpy(items, found.items, found.count * sizeof *items);
        items[found.count] = path;
        found = (struct texts){ items, found.count + 1 };
    }
    if (file)
        fclose(file);
    return found;
}

static bool is_wanted(const struct signing *s, struct text path)
{
    for (size_t i = 0; i < s->count; i++)
        if (text_equal(s->keys[i].path, path))
            return true;
    return false;
}

static enum outcome remove_unwanted(const struct signing *s, const struct texts *before)
{
    enum outcome o = DONE;

    for (size_t i = 0; i < before->count; i++) {
        const char *path = before->items[i].at;

        if (is_wanted(s, before->items[i]) || unlink(path) == 0 || errno == ENOENT)
            continue;
        log_line(LOG_FAULT, "%s: %s", path, strerror(errno));
        o = CONFLICT;
    }
    return o;
}

/* ---- all of it ---- */

/* KeyTable has colons between its words. */
static enum outcome check_directory(struct text out)
{
    if (text_find(out, ':') == TEXT_NOT_FOUND)
        return access_check_value("--out", out);
    log_line(LOG_FAULT, "--out holds a colon, which OpenDKIM's files cannot hold");
    return INVALID;
}

static enum outcome write_all(struct signing *s)
{
    struct texts before = paths_before(s);
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && i < s->count; i++)
        o = write_file(s, s->keys[i].path.at, s->keys[i].pem, true);
    if (o == DONE)
        o = s->program == DKIM_RSPAMD ? write_rspamd(s) : write_opendkim(s);
    return o == DONE ? remove_unwanted(s, &before) : o;
}

enum outcome dkim(const struct config *given, const char *out, enum dkim program)
{
    struct config c = *given;
    struct signing s = { .t = task_open(), .config = &c, .program = program };
    enum outcome o = DONE;

    if (program != DKIM_NONE) {
        s.out = output_absolute(s.t, out);
        o = check_directory(s.out);
        if (o == DONE)
            o = access_check_value("[dkim] milter", c.dkim.milter);
        if (o == DONE)
            o = config_open_vault(s.t, &c);
        if (o == DONE)
            o = directory_connect_service(s.t, &c);
        if (o == DONE)
            o = take_keys(&s);
        if (o == DONE)
            o = write_all(&s);
    }
    task_close(s.t);
    return o;
}
