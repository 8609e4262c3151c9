/* lookup/postreeve-lookup.c - the program: render, drift, get, vquota
 *
 * Ends with sysexits; `get` with 1 where there is no answer, as postmap -q does, `drift` with 1 where something differs.
 */
#include "base/log.h"
#include "lookup/apply.h"
#include "lookup/directory.h"
#include "lookup/drift.h"
#include "lookup/render.h"
#include "lookup/tables.h"
#include "lookup/vquota.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_NOT_FOUND 1
#define EXIT_DIFFERENT 1
#define EXIT_USAGE 64
#define POSTFIX_CONFIG "/etc/postfix"

static const int exit_codes[OUTCOMES] = {
    [DONE] = 0,      [INVALID] = 78, [STRANGER] = 77, [DENIED] = 77, [MISSING] = EXIT_NOT_FOUND,
    [CONFLICT] = 73, [STALE] = 75,   [BUSY] = 75,     [RETRY] = 75,  [BROKEN] = 70,
};

struct command {
    const char *name, *summary;
    int (*run)(struct task *t, const char *config, char **words);
    void (*help)(void);
};

__attribute__((format(printf, 1, 2))) static int usage_error(const char *format, ...)
{
    char words[512];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    log_line(LOG_FAULT, "postreeve-lookup: %s (--help says more)", words);
    return EXIT_USAGE;
}

/* Takes `--name VALUE` or `--name=VALUE` off the words; *value is NULL when this is another word. False: the
 * value is missing. */
static bool take_option(char ***words, const char *name, const char **value)
{
    size_t length = strlen(name);
    char *word = **words;

    *value = NULL;
    if (strncmp(word, name, length) != 0 || (word[length] != '\0' && word[length] != '='))
        return true;
    if (word[length] == '=') {
        *value = word + length + 1;
        (*words)++;
        return true;
    }
    *value = (*words)[1];
    if (!*value)
        return false;
    *words += 2;
    return true;
}

struct option { /* an option with a value */
    const char *name;
    const char **value;
};

/* Reads options up to the first word that is none. Flags are options whose value is `flag_given`. */
static const char flag_given[] = "";
static int read_options(char ***words, const struct option *options, const struct option *flags)
{
    while (**words && (**words)[0] == '-' && (**words)[1]) {
        const char *given = NULL;
        const struct option *o = options, *f = flags;

        while (f && f->name && strcmp(f->name, **words) != 0)
            f++;
        if (f && f->name) {
            *f->value = flag_given;
            (*words)++;
            continue;
        }
        for (; o->name && !given; o++) {
            if (!take_option(words, o->name, &given))
                return usage_error("%s needs a value", o->name);
            if (given)
                *o->value = given;
        }
        if (!given)
            return usage_error("there is no option %s", **words);
    }
    return 0;
}

/* Which of the words it is, beginning at 0; -1 for none, after a sentence that lists them. */
static int choice(const char *option, const char *given, const char *const *words)
{
    char all[128] = "";

    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], given) == 0)
            return i;
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", words[i]);
    }
    (void)usage_error("%s cannot be '%s': expected one of %s", option, given, all);
    return -1;
}

static void help_render(void)
{
    fputs(
        "usage: postreeve-lookup [-c FILE] render --out DIR [--maps mysql|proxy|lmdb|hash] [--delivery virtual|lmtp]\n"
        "                                  [--sasl dovecot|auxprop|saslauthd|authdaemond]\n"
        "                                  [--dovecot auto|2.3|2.4] [--queue-directory DIR]\n"
        "                                  [--dkim none|opendkim|rspamd]\n"
        "                                  [--apply [--reload] [--postfix-config DIR]]\n\n"
        "Writes what Postfix, SASL, Dovecot and Courier read, from the configuration, into DIR/postfix,\n"
        "DIR/dovecot, DIR/courier and DIR/default. The files name each other by DIR, so write them where\n"
        "they are to stay; /etc is where the daemons look. main.cf.postreeve and master.cf.postreeve are to be\n"
        "merged into main.cf and master.cf: by hand, or with --apply. A file that was made by somebody else is never\n"
        "replaced; one whose content stays is not touched.\n\n"
        "  --apply                bring them into main.cf and master.cf, through postconf(1): both are saved beside, with\n"
        "                         the date, checked by Postfix, and put back when a step fails\n"
        "  --reload               and have Postfix read them\n"
        "  --postfix-config DIR   of main.cf and master.cf (default: MAIL_CONFIG, else " POSTFIX_CONFIG ", where --out is\n"
        "                         /etc unless it is told)\n"
        "  --maps mysql           Postfix asks the database itself\n"
        "  --maps proxy           ... by way of proxymap(8), over a few connections for all its processes\n"
        "  --maps lmdb, hash      Postfix asks files that postmap(1) makes of the database's rows; `tables` renews them\n"
        "  --sasl dovecot         SMTP log-ins are checked by Dovecot (any stored password; the default)\n"
        "  --sasl auxprop         ... by Cyrus SASL (clear-text passwords only)\n"
        "  --sasl saslauthd       ... by saslauthd, which tries them at the IMAP server\n"
        "  --sasl authdaemond     ... by Courier's authdaemond\n"
        "  --delivery virtual     Postfix writes the letters itself, by virtual(8) (the default)\n"
        "  --delivery lmtp        Dovecot does\n"
        "  --dovecot VERSION      whose files Dovecot gets: 2.3, 2.4 or auto, which is this machine's\n"
        "                         (default: [dovecot] version)\n"
        "  --dkim opendkim, rspamd   which program signs letters: its keys and tables are written to DIR/opendkim or DIR/rspamd\n"
        "                         (as root; reload it then), and Postfix is told of it\n"
        "  --queue-directory DIR  Postfix's, for Dovecot's sockets (default: /var/spool/postfix)\n",
        stdout);
}

/* With the key: the passwords of smart hosts are sealed. */
static enum outcome open_directory(struct task *t, struct config *c)
{
    enum outcome o = config_open_vault(t, c);

    return o == DONE ? directory_connect(t, c) : o;
}

/* What render and drift are told alike; what is left open, [postfix] and [dkim] say. */
struct render_words {
    const char *out, *maps, *sasl, *delivery, *dovecot, *queue, *dkim, *postfix_config;
};
#define RENDER_OPTIONS(w)                                                                             \
    {                                                                                                 \
        { "--out", &(w).out }, { "--maps", &(w).maps }, { "--sasl", &(w).sasl },                      \
        { "--delivery", &(w).delivery }, { "--dovecot", &(w).dovecot }, { "--dkim", &(w).dkim },      \
        { "--queue-directory", &(w).queue }, { "--postfix-config", &(w).postfix_config }, { 0 }       \
    }

static const char *usual(const char *given, struct text configured)
{
    return given ? given : configured.length ? configured.at : "";
}

static int render_choices(const struct config *c, const struct render_words *w, struct render_options *out)
{
    static const char *const sasl_words[] = { "dovecot", "auxprop", "saslauthd", "authdaemond", NULL },
                             *const delivery_words[] = { "virtual", "lmtp", NULL };
    int sasl = choice("--sasl", usual(w->sasl, c->postfix.sasl), sasl_words);
    int delivery = choice("--delivery", usual(w->delivery, c->postfix.delivery), delivery_words);
    int maps = choice("--maps", usual(w->maps, c->postfix.maps), maps_words);
    int dovecot = choice("--dovecot", usual(w->dovecot, c->dovecot.version), dovecot_version_words);
    int signer = choice("--dkim", usual(w->dkim, c->dkim.signer), dkim_words);

    *out = (struct render_options){ .out = w->out, .queue_directory = usual(w->queue, c->postfix.queue_directory),
                                    .sasl = (enum sasl)sasl, .delivery = (enum delivery)delivery,
                                    .maps = (enum maps)maps, .dkim = (enum dkim)signer,
                                    .dovecot = (enum dovecot)dovecot };
    return sasl < 0 || delivery < 0 || maps < 0 || signer < 0 || dovecot < 0 ? EXIT_USAGE : 0;
}

/* The directory of main.cf: told, else as Postfix' own programs find it. */
static const char *postfix_config(const struct render_words *w)
{
    const char *known = getenv("MAIL_CONFIG");

    return w->postfix_config ? w->postfix_config : known && *known ? known : POSTFIX_CONFIG;
}

/* Files for the Postfix of /etc/postfix go to /etc; for another nobody can know. */
static const char *usual_out(const struct render_words *w)
{
    return w->out ? w->out : strcmp(postfix_config(w), POSTFIX_CONFIG) == 0 ? "/etc" : NULL;
}

static int run_render(struct task *t, const char *config, char **words)
{
    struct render_words w = { 0 };
    const char *applies = NULL, *reloads = NULL;
    const struct option options[] = RENDER_OPTIONS(w);
    const struct option flags[] = { { "--apply", &applies }, { "--reload", &reloads }, { 0 } };
    int code = read_options(&words, options, flags);
    struct render_options chosen;
    struct config c;
    enum outcome o;

    if (code != 0)
        return code;
    if (*words)
        return usage_error("render takes no word %s", *words);
    if ((reloads || w.postfix_config) && !applies)
        return usage_error("%s goes with --apply", reloads ? "--reload" : "--postfix-config");
    if (applies)
        w.out = usual_out(&w);
    if (w.postfix_config && setenv("MAIL_CONFIG", w.postfix_config, 1) != 0) /* for postmap(1), too */
        abort();
    if (!w.out || !*w.out)
        return usage_error("render needs --out DIR");
    o = config_load(t, config, &c);
    if (o != DONE)
        return exit_codes[o];
    code = render_choices(&c, &w, &chosen);
    if (code != 0)
        return code;
    o = open_directory(t, &c);
    if (o == DONE)
        o = render(t, &c, &chosen);
    if (o == DONE)
        o = tables(t, &c, w.out, chosen.maps);
    if (o == DONE)
        o = dkim(&c, w.out, chosen.dkim);
    if (o == DONE && applies)
        o = render_apply(t, &c, &chosen, postfix_config(&w));
    if (o == DONE && reloads)
        o = apply_reload(t, postfix_config(&w));
    return exit_codes[o];
}

static void help_tables(void)
{
    fputs(
        "usage: postreeve-lookup [-c FILE] tables --out DIR [--maps mysql|proxy|lmdb|hash] [--dkim none|opendkim|rspamd]\n\n"
        "Makes those files anew that `render` with the same options made of the database's rows, and nothing else:\n"
        "with lmdb or hash all maps of Postfix, with mysql or proxy the log-ins at smart hosts; with --dkim also\n"
        "the keys that sign letters. What has not changed is not touched. A timer in deploy/systemd runs it. Between two runs the files stay as they are: also an\n"
        "alias whose time is over.\n",
        stdout);
}

static int run_tables(struct task *t, const char *config, char **words)
{
    const char *out = NULL, *maps = NULL, *signer = NULL;
    const struct option options[] = { { "--out", &out }, { "--maps", &maps }, { "--dkim", &signer }, { 0 } };
    int code = read_options(&words, options, NULL), maps_are, signer_is;
    struct config c;
    enum outcome o;

    if (code != 0)
        return code;
    if (*words)
        return usage_error("tables takes no word %s", *words);
    if (!out || !*out)
        return usage_error("tables needs --out DIR");
    o = config_load(t, config, &c);
    if (o != DONE)
        return exit_codes[o];
    maps_are = choice("--maps", usual(maps, c.postfix.maps), maps_words);
    signer_is = choice("--dkim", usual(signer, c.dkim.signer), dkim_words);
    if (maps_are < 0 || signer_is < 0)
        return EXIT_USAGE;
    o = open_directory(t, &c);
    if (o == DONE)
        o = tables(t, &c, out, (enum maps)maps_are);
    if (o == DONE)
        o = dkim(&c, out, (enum dkim)signer_is);
    return exit_codes[o];
}

static void help_drift(void)
{
    fputs(
        "usage: postreeve-lookup [-c FILE] drift [--json] [--postfix-config DIR] [--out DIR] [--maps WORD]\n"
        "                                  [--sasl WORD] [--delivery WORD] [--dovecot WORD] [--dkim WORD]\n"
        "                                  [--queue-directory DIR]\n\n"
        "Names each difference between the configuration that is in use and what `render` with the same options\n"
        "would write now: parameters of main.cf, services of master.cf, and files below DIR. What render does not\n"
        "write is no difference. Exit code 0: there is none, 1: there are some.\n\n"
        "  --json                 as JSON\n"
        "  --postfix-config DIR   of main.cf and master.cf (default: MAIL_CONFIG, else " POSTFIX_CONFIG ")\n"
        "  --out DIR              as told to render (default: /etc for " POSTFIX_CONFIG ")\n",
        stdout);
}

static int run_drift(struct task *t, const char *config, char **words)
{
    struct render_words w = { 0 };
    const char *json = NULL;
    const struct option options[] = RENDER_OPTIONS(w);
    const struct option flags[] = { { "--json", &json }, { 0 } };
    int code = read_options(&words, options, flags);
    struct render_options chosen;
    bool same = false;
    struct config c;
    enum outcome o;

    if (code != 0)
        return code;
    if (*words)
        return usage_error("drift takes no word %s", *words);
    w.out = usual_out(&w);
    if (!w.out || !*w.out)
        return usage_error("drift needs --out DIR, as render was told");
    o = config_load(t, config, &c);
    if (o != DONE)
        return exit_codes[o];
    code = render_choices(&c, &w, &chosen);
    if (code != 0)
        return code;
    o = directory_connect(t, &c);
    if (o == DONE)
        o = drift(t, &c, &chosen, &(struct drift_options){ postfix_config(&w), json != NULL }, &same);
    return o == DONE && !same ? EXIT_DIFFERENT : exit_codes[o];
}

static void help_get(void)
{
    fputs(
        "usage: postreeve-lookup [-c FILE] get MAP KEY\n\n"
        "Asks one map for one key and prints what the mail daemon would get. Exit code 0: found, 1: there is\n"
        "none, 75: the database cannot tell now. With - as the key many are read from standard input, one to a\n"
        "line, and those that are found are printed as KEY, tab, answer.\n\nMaps:\n",
        stdout);
    for (const struct question *q = questions; q->map; q++)
        printf("  %-27s %s\n", q->map, q->doc);
}

static bool print_line(struct text key, struct text answer)
{
    bool fine = !key.at || (fwrite(key.at, 1, key.length, stdout) == key.length && putchar('\t') != EOF);

    return fine && fwrite(answer.at, 1, answer.length, stdout) == answer.length && putchar('\n') != EOF;
}

/* MISSING: the input has ended. */
static enum outcome read_key(char **line, size_t *room, struct text *out)
{
    ssize_t length = getline(line, room, stdin);

    if (length < 0)
        return ferror(stdin) ? CONFLICT : MISSING;
    *out = (struct text){ *line, (size_t)length - (length && (*line)[length - 1] == '\n') };
    return DONE;
}

#define KEYS_A_TASK 500 /* whose memory is given back together */

static enum outcome get_some(struct task *t, const struct config *c, const struct question *q, char **line, size_t *room,
                             bool *found)
{
    struct text key, answer;
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && i < KEYS_A_TASK; i++) {
        o = read_key(line, room, &key);
        if (o != DONE)
            return o;
        o = directory_answer(t, c, q, key, &answer);
        if (o == DONE) {
            *found = true;
            o = print_line(key, answer) ? DONE : CONFLICT;
        }
        o = o == MISSING ? DONE : o;
    }
    return o;
}

/* As `postmap -q -`. */
static enum outcome get_each(const struct config *c, const struct question *q)
{
    struct store *s = directory_open(c);
    enum outcome o = DONE;
    bool found = false;
    char *line = NULL;
    size_t room = 0;

    while (o == DONE) {
        struct task *t = task_open();

        o = store_borrow(s, t);
        if (o == DONE)
            o = get_some(t, c, q, &line, &room, &found);
        task_close(t);
    }
    free(line);
    store_close(s);
    if (fflush(stdout) != 0)
        return CONFLICT;
    return o == MISSING && found ? DONE : o;
}

static enum outcome get_one(struct task *t, const struct config *c, const struct question *q, struct text key)
{
    struct text answer = TEXT("");
    enum outcome o = directory_connect(t, c);

    if (o == DONE)
        o = directory_answer(t, c, q, key, &answer);
    if (o == DONE && (!print_line((struct text){ 0 }, answer) || fflush(stdout) != 0))
        o = CONFLICT;
    return o;
}

static int run_get(struct task *t, const char *config, char **words)
{
    const struct option none[] = { { 0 } };
    const struct question *q;
    struct config c;
    enum outcome o;

    /* A key may begin with anything: only what stands before the map is an option. */
    if (read_options(&words, none, NULL) != 0)
        return EXIT_USAGE;
    if (!words[0] || !words[1] || words[2])
        return usage_error("get takes a map and a key");
    q = question_named(text_of(words[0]));
    if (!q)
        return usage_error("there is no map %s", words[0]);
    if (q->key == KEY_NONE)
        return usage_error("%s is asked without a key, by the mail daemons alone", q->map);
    o = config_load(t, config, &c);
    if (o == DONE && q->answer == ANSWER_LOG_IN)
        o = config_open_vault(t, &c);
    if (o == DONE)
        o = strcmp(words[1], "-") == 0 ? get_each(&c, q) : get_one(t, &c, q, text_of(words[1]));
    return exit_codes[o];
}

static void help_vquota(void)
{
    fputs(
        "usage: postreeve-lookup [-c FILE] vquota [--out FILE [--postmap TYPE]] [--no-domain-defaults]\n\n"
        "Writes the quota map: `user@domain octets`, then `@domain octets` for what each domain allows one\n"
        "mailbox; at most virtual_mailbox_limit. Without --out they go to standard output. FILE and its table are replaced\n"
        "whole, or left alone when nothing has changed.\n\n"
        "  --postmap TYPE        hash (the default), btree, lmdb or cdb; none: no table\n"
        "  --no-domain-defaults  without the lines of `@domain`\n",
        stdout);
}

static int run_vquota(struct task *t, const char *config, char **words)
{
    const char *out = NULL, *type = NULL, *no_defaults = NULL;
    const struct option options[] = { { "--out", &out }, { "--postmap", &type }, { 0 } };
    const struct option flags[] = { { "--no-domain-defaults", &no_defaults }, { 0 } };
    struct vquota_options wanted = { 0 };
    struct config c;
    enum outcome o;
    int code = read_options(&words, options, flags);

    if (code != 0)
        return code;
    if (*words)
        return usage_error("vquota takes no word %s", *words);
    if (type && !out)
        return usage_error("--postmap needs --out FILE");
    wanted =
        (struct vquota_options){ out, table_type_named(text_of(type ? type : "hash")), no_defaults == NULL };
    if (!wanted.type && strcmp(type, "none") != 0)
        return usage_error("--postmap cannot be '%s': expected one of hash, btree, lmdb, cdb, none", type);
    o = config_load(t, config, &c);
    if (o != DONE)
        return exit_codes[o];
    o = directory_connect(t, &c);
    if (o == DONE)
        o = vquota(t, &c, &wanted);
    return exit_codes[o];
}

static const struct command commands[] = {
    { "render", "write what Postfix, SASL and Dovecot read", run_render, help_render },
    { "tables", "make Postfix's files of the database's rows anew", run_tables, help_tables },
    { "drift", "name what differs from what is in use", run_drift, help_drift },
    { "get", "ask one map for one key", run_get, help_get },
    { "vquota", "write the file of mailbox sizes", run_vquota, help_vquota },
    { 0 },
};

static void help(void)
{
    fputs("usage: postreeve-lookup [-c FILE] COMMAND [...]\n\n"
          "Answers the questions of Postfix, SASL and Dovecot about domains, mailboxes and aliases.\n\n",
          stdout);
    for (const struct command *c = commands; c->name; c++)
        printf("  %-8s %s\n", c->name, c->summary);
    fputs("\n  -c FILE, --config FILE  the configuration (else POSTREEVE_CONFIG, else " CONFIG_DEFAULT_PATH
          ")\n"
          "  --version               which version this is\n\n"
          "`postreeve-lookup COMMAND --help` says more about one.\n",
          stdout);
}

static const struct command *command_named(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static int run_command(char **words, const char *config)
{
    const struct command *c = command_named(words[0]);
    struct task *t;
    int code;

    if (!c)
        return usage_error("there is no command %s", words[0]);
    if (words[1] && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)) {
        c->help();
        return 0;
    }
    t = task_open();
    code = c->run(t, config, words + 1);
    task_close(t);
    return code;
}

int main(int argc, char **argv)
{
    const char *config = config_take_option(&argc, argv), *asks_help = NULL, *asks_version = NULL;
    const struct option options[] = { { 0 } };
    const struct option flags[] = {
        { "--help", &asks_help }, { "-h", &asks_help }, { "--version", &asks_version }, { 0 }
    };
    char **words = argv + (argc > 0);
    int code = read_options(&words, options, flags);

    if (code != 0)
        return code;
    if (asks_version) {
        puts("postreeve-lookup " POSTREEVE_VERSION);
        return 0;
    }
    if (asks_help) {
        help();
        return 0;
    }
    if (!*words)
        return usage_error("a command is missing");
    return run_command(words, config);
}
