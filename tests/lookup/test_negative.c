/* tests/lookup/test_negative.c - no value of the configuration breaks out of a file that render writes
 *
 * The keys are those of config_sections, so that a new one is tried by itself. In each text, every character that some reader
 * takes for more than itself is put at several places, by way of the configuration file. Then the file is refused with the
 * key's name; or render refuses the setting with its section and name; or the files have that value where they had the
 * plain one, and nothing else in them is another. What passes so is in `passing`, and what the daemons read there then is
 * tests/stack/test_negative.py's.
 */
#include "support/support.h"

#include "config/config.h"
#include "lookup/render_parts.h"
#include "scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const bad[] = {
    "\n b", "\r", "\x0B", "$", "{", "}", "\"", "'", "%", "#", "\\", "\t", "\x7F", " ", ";", ",", "`", "(", "|", "<",
};

/* What passes where. In postreeve-vacation's own file they are what they are here, and come out again as they went in. */
#define IN_INI "${}\"'%#\\ ;,`(|<"
static const struct { const char *section, *key, *characters; bool vacation; } passing[] = {
    { "letters", "smtp_host", IN_INI, true }, { "letters", "username", IN_INI, true }, { "letters", "password", IN_INI, true },
    { "letters", "helo", IN_INI, true },      { "letters", "ca_file", IN_INI, true },
    { "letters", "from", "$}'%#`|", false }, /* of an address in a letter's head */
    { "postfix", "banner_words", " ", false },
    { 0 },
};

static const struct { const char *section, *key, *value; } usual[] = {
    { "lookup", "socket", "/run/mysqld/mysqld.sock" }, { "lookup", "user", "postfix" }, { "lookup", "password", "pA55-word" },
    { "password", "common_list", "none" },             { "mail", "vacation_domain", "auto.example.jp" },
    { "mail", "vacation_user", "nobody" },             { "tls", "certificate", "/c.pem" },
    { "tls", "key", "/k.pem" },                        { "sasl", "default_domain", "example.jp" },
    { "server", "tls_certificate", "/c.pem" },         { "server", "tls_key", "/k.pem" },
    { "secrets", "key_file", "/key" }, /* without which no program may be given passwords */
};

/* Of these one at least is a plain value of every key that takes texts. */
static const char *const plain[] = {
    "/zq/plain", "zqp.example.jp", "zqplain", "http://zqp.example.jp", "zqtaro@zqp.example.jp", "zqtaro:zqboss@zqp.example.jp",
    "10 zqp.example.jp", "v=spf1 include:zqp.example.jp ~all", "zqp", "-", "10.98.76.0/24", "47", "inet:127.0.0.9:4711", "mailbox.create",
    "nobody", "none",
};

#define WAY(s, d, m, k, v) { .sasl = SASL_##s, .delivery = DELIVERY_##d, .maps = MAPS_##m, .dkim = DKIM_##k, .dovecot = DOVECOT_##v }
static const struct { struct render_options options; const char *imap_server; } ways[] = {
    { WAY(DOVECOT, VIRTUAL, MYSQL, NONE, 2_3), "dovecot" },
    { WAY(DOVECOT, LMTP, PROXY, OPENDKIM, 2_4), "dovecot" },
    { WAY(AUXPROP, VIRTUAL, LMDB, RSPAMD, 2_3), "dovecot" },
    { WAY(SASLAUTHD, LMTP, HASH, NONE, 2_3), "dovecot" },
    { WAY(SASLAUTHD, VIRTUAL, MYSQL, NONE, 2_4), "courier" },
    { WAY(AUTHDAEMOND, VIRTUAL, MYSQL, NONE, 2_3), "dovecot" },
};

/* What one value led to. */
struct attempt {
    enum outcome read, rendered[COUNT(ways)];
    struct text files[COUNT(ways)]; /* all of them, with their names */
    struct text said, vacation; /* and the last way's file for postreeve-vacation */
};

struct key {
    const char *section;
    const struct field *field;
};

static void write_configuration(struct task *t, const struct key *k, struct text value)
{
    struct text all = TEXT("");

    for (size_t i = 0; i < COUNT(usual); i++)
        if (strcmp(usual[i].section, k->section) != 0 || strcmp(usual[i].key, k->field->name) != 0)
            all = task_join(t, all, task_printf(t, "[%s]\n%s = %s\n", usual[i].section, usual[i].key, usual[i].value));
    all = task_join(t, all, task_printf(t, "[%s]\n%s =", k->section, k->field->name));
    all = task_join(t, task_join(t, all, value), TEXT("\n"));
    scratch_write(t, "postreeve.conf", task_c_string(t, all), 0600);
}

static struct text all_files(struct task *t, const struct rendered_set *set)
{
    size_t length = 0, at = 0;
    char *all;

    for (size_t i = 0; i < set->count; i++)
        length += strlen(set->files[i].path) + set->files[i].content.length;
    all = task_alloc(t, length + 1);
    for (size_t i = 0; i < set->count; i++) {
        const struct rendered *f = &set->files[i];

        memcpy(all + at, f->path, strlen(f->path));
        at += strlen(f->path);
        memcpy(all + at, f->content.at, f->content.length);
        at += f->content.length;
    }
    return (struct text){ all, length };
}

static void render_each_way(struct task *t, const struct config *given, struct attempt *a)
{
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct render_options o = ways[i].options;
        struct rendered_set *set = task_alloc(t, sizeof *set);
        struct config c = *given;

        o.out = "/etc";
        o.queue_directory = c.postfix.queue_directory.at;
        c.sasl.imap_server = text_of(ways[i].imap_server);
        a->rendered[i] = render_prepare(t, &c, &o, set);
        if (a->rendered[i] != DONE)
            continue;
        a->files[i] = all_files(t, set);
        a->vacation = rendered_content(set, "/postreeve-vacation.conf");
    }
}

struct listening {
    int before, said;
};

static struct listening listen_to_errors(struct task *t)
{
    struct listening l = { dup(STDERR_FILENO),
                           open(scratch_path(t, "said").at, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) };

    assert_true(l.before >= 0 && l.said >= 0 && dup2(l.said, STDERR_FILENO) >= 0);
    return l;
}

static struct text end_listening(struct task *t, struct listening l)
{
    assert_true(dup2(l.before, STDERR_FILENO) >= 0);
    close(l.before);
    close(l.said);
    return scratch_read(t, "said");
}

static void try_value(struct task *t, const struct key *k, struct text value, struct attempt *a)
{
    struct listening l;
    struct config c;

    memset(a, 0, sizeof *a);
    write_configuration(t, k, value);
    l = listen_to_errors(t);
    a->read = config_load(t, scratch_path(t, "postreeve.conf").at, &c);
    if (a->read == DONE)
        render_each_way(t, &c, a);
    a->said = end_listening(t, l);
}

static bool is_fine(const struct attempt *a)
{
    bool fine = a->read == DONE;

    for (size_t i = 0; i < COUNT(ways); i++)
        fine = fine && a->rendered[i] == DONE;
    return fine;
}

static bool same_files(const struct attempt *a, const struct attempt *b)
{
    bool same = true;

    for (size_t i = 0; i < COUNT(ways); i++)
        same = same && text_equal(a->files[i], b->files[i]);
    return same;
}

/* Whether `is` is `was` with `now` wherever `before` stood. */
static bool differs_by_value(struct text was, struct text before, struct text is, struct text now)
{
    size_t i = 0, k = 0;

    while (i < was.length) {
        if (text_starts(text_part(was, i, was.length), before) && text_starts(text_part(is, k, is.length), now)) {
            i += before.length;
            k += now.length;
        } else if (k < is.length && was.at[i] == is.at[k]) {
            i++;
            k++;
        } else {
            return false;
        }
    }
    return k == is.length;
}

static const void *section_of(const struct config *c, const char *name)
{
    const struct config_section *s = config_sections;

    while (strcmp(s->name, name) != 0)
        s++;
    return (const char *)c + s->offset;
}

static void assert_vacation_reads(struct task *t, const struct key *k, struct text file, struct text value)
{
    struct config c;

    scratch_write(t, "vacation.conf", task_c_string(t, file), 0600);
    assert_int_equal(config_load(t, scratch_path(t, "vacation.conf").at, &c), DONE);
    assert_text(*(const struct text *)field_in(k->field, section_of(&c, k->section)), value.at);
}

static bool may_pass(struct task *t, const struct key *k, const char *what, const struct attempt *a, struct text value)
{
    for (size_t i = 0; passing[i].section; i++) {
        if (strcmp(passing[i].section, k->section) != 0 || strcmp(passing[i].key, k->field->name) != 0)
            continue;
        if (passing[i].vacation)
            assert_vacation_reads(t, k, a->vacation, value);
        return strchr(passing[i].characters, what[0]) != NULL;
    }
    return false;
}

/* What could not be read is said as the configuration's own mistakes are. */
static bool names_its_file(const struct key *k, struct text said)
{
    return strstr(said.at, "postreeve.conf: ") && strstr(said.at, k->field->name);
}

static void assert_refused_or_held(struct task *t, const struct key *k, struct text fine, const struct attempt *with_fine,
                                   struct text value, const char *what)
{
    struct attempt a;
    const char *name = task_printf(t, "[%s] %s", k->section, k->field->name).at;

    try_value(t, k, value, &a);
    if (a.read != DONE && !strstr(a.said.at, k->field->name))
        fail_msg("%s = %s: refused, but not by its name: %s", name, value.at, a.said.at);
    if (a.read != DONE || same_files(&a, with_fine))
        return;
    for (size_t i = 0; i < COUNT(ways); i++) {
        if (a.rendered[i] != DONE && !strstr(a.said.at, name) && !names_its_file(k, a.said))
            fail_msg("%s = %s: render refuses, but not by its name: %s", name, value.at, a.said.at);
        if (a.rendered[i] != DONE || text_equal(a.files[i], with_fine->files[i]))
            continue;
        if (!differs_by_value(with_fine->files[i], fine, a.files[i], text_trim(value)))
            fail_msg("%s = %s: more than the value is another:\n%s", name, value.at, a.files[i].at);
        if (!may_pass(t, k, what, &a, text_trim(value)))
            fail_msg("%s = %s: passes into files (way %zu)", name, value.at, i);
    }
}

#define TOKEN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-"

/* What keys name that read it at once. */
static const struct { const char *name, *content; } there[] = {
    { "zq.token", TOKEN "\n" }, { "zq.letter", "Subject: {percent}\n\n{address}\n" }, { "zq.cnf", "[client]\nuser=zq\n" },
};

static struct text plain_value(struct task *t, const struct key *k, size_t i)
{
    if (k->field->words)
        return text_of(k->field->words[0]);
    if (i < COUNT(plain))
        return text_of(plain[i]);
    scratch_write(t, there[i - COUNT(plain)].name, there[i - COUNT(plain)].content, 0600);
    return scratch_path(t, there[i - COUNT(plain)].name);
}

static void try_key(void **state, const struct key *k)
{
    struct task *t = fresh_task(state), *each;
    struct attempt none, with_fine = { .read = INVALID };
    struct text fine = TEXT("");
    size_t places;

    try_value(t, k, TEXT(""), &none);
    for (size_t i = 0; i < COUNT(plain) + COUNT(there) && !is_fine(&with_fine); i++) {
        fine = plain_value(t, k, i);
        try_value(t, k, fine, &with_fine);
    }
    if (!is_fine(&with_fine))
        fail_msg("[%s] %s has no plain value here: %s", k->section, k->field->name, with_fine.said.at);
    places = same_files(&none, &with_fine) ? 1 : 4;
    for (size_t i = 0; i < COUNT(bad); i++)
        for (size_t p = 0; p < places; p++) {
            size_t at = p == 0 ? fine.length / 2 : p == 1 ? fine.length : p == 2 ? 0 : 1;

            if (k->field->kind == KIND_TEXTS && bad[i][0] == ',')
                continue; /* which separates there */
            each = task_open();
            assert_refused_or_held(each, k, fine, &with_fine,
                                   task_join(each, task_join(each, text_part(fine, 0, at), text_of(bad[i])),
                                             text_part(fine, at, fine.length)), bad[i]);
            task_close(each);
        }
}

static void no_key_breaks_out_of_a_file(void **state)
{
    size_t count = 0;

    for (const struct config_section *s = config_sections; s->name; s++)
        for (size_t i = 0; i < s->shape->count; i++) {
            const struct key k = { s->name, &s->shape->fields[i] };

            if (k.field->kind != KIND_TEXT && k.field->kind != KIND_TEXTS)
                continue;
            try_key(state, &k);
            count++;
        }
    assert_true(count > 100);
}

static void no_option_file_brings_it_in(void **state)
{
    static const char *const keys[] = { "user", "password", "socket", "host" };

    for (size_t i = 0; i < COUNT(bad); i++)
        for (size_t k = 0; k < COUNT(keys); k++) {
            struct task *t = fresh_task(state);
            struct config c = scratch_config();
            struct attempt a = { 0 };
            struct listening l;

            if (strchr("\n\"", bad[i][0]))
                continue; /* which end a value there, too */
            c.postfix.queue_directory = TEXT("/var/spool/postfix");
            c.lookup.socket = c.lookup.user = c.lookup.password = TEXT("");
            c.lookup.option_file = scratch_path(t, "my.cnf");
            scratch_write(t, "my.cnf", task_printf(t, "[client]\n%s=\"a%sb\"\n%s", keys[k], bad[i],
                                                   k ? "user=postfix\n" : "").at, 0600);
            l = listen_to_errors(t);
            render_each_way(t, &c, &a);
            end_listening(t, l);
            for (size_t w = 0; w < COUNT(ways); w++)
                assert_int_equal(a.rendered[w], INVALID);
        }
}

static int remove_scratch(void **state)
{
    (void)state;
    scratch_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(no_key_breaks_out_of_a_file),
        TASK_TEST(no_option_file_brings_it_in),
    };

    return cmocka_run_group_tests_name("lookup/negative", tests, NULL, remove_scratch);
}
