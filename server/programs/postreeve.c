/* server/programs/postreeve.c - the operator's command: every verb as a subcommand, and the chores of a server */
#include "api/api.h"
#include "api/json.h"
#include "base/log.h"
#include "base/secrecy.h"
#include "model/secret.h"
#include "outside/outside.h"
#include "programs/command.h"
#include "programs/exit.h"
#include "service/errand.h"
#include "store/migrate.h"

#include <locale.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16 /* of the short form */
#define MIGRATION_SECONDS 86400 /* a large table takes its time to change, and another migration to end */

static const char *const usage =
    "postreeve - administration of virtual mail domains\n"
    "\n"
    "  postreeve [-c FILE] NOUN ACT [KEY] [--option value]... [--json]\n"
    "  postreeve [-c FILE] migrate [--option-file FILE]\n"
    "  postreeve [-c FILE] undo ID\n"
    "  postreeve [-c FILE] fetchmail --run | --out FILE\n"
    "  postreeve [-c FILE] errand run\n"
    "  postreeve [-c FILE] dns DOMAIN [--json | --zone]\n"
    "  postreeve openapi\n"
    "  postreeve NOUN ACT --help\n"
    "\n"
    "  -c FILE       configuration (else $POSTREEVE_CONFIG, else " CONFIG_DEFAULT_PATH ")\n"
    "  --option-file FILE   my.cnf-style file with an account that may change tables\n"
    "\n"
    "Sizes take K, M, G, T; `none` is no limit. Passwords come from --password-stdin, --password-file or a prompt.\n"
    "Exit codes are those of sysexits(3): 65 wrong input, 67 no such item, 73 taken, 75 cannot tell now, 78 configuration.\n"
    "\n";

static void say_problems(struct task *t)
{
    for (const struct problem *p = task_problems(t); p; p = p->next) {
        struct text detail = problem_detail(t, p);

        fprintf(stderr, "postreeve: %.*s %.*s\n", (int)p->field.length, p->field.at, (int)detail.length, detail.at);
    }
}

static void say_outcome(enum outcome o, const char *key)
{
    static const char *const words[OUTCOMES] = {
        [MISSING] = "there is no such item", [STALE] = "it has changed since it was read",
        [RETRY] = "the database did not answer; nothing is known of the change",
        [BROKEN] = "our fault; see the line above", [DENIED] = "not allowed",
    };

    if (words[o])
        fprintf(stderr, "postreeve: %s%s%s\n", key, *key ? ": " : "", words[o]);
}

static struct text who(struct task *t)
{
    const struct passwd *me = getpwuid(getuid());

    return me ? task_copy(t, text_of(me->pw_name)) : task_printf(t, "uid %u", (unsigned)getuid());
}

static void print_answer(struct task *t, const struct command *c, const struct answer *a)
{
    struct text json;

    if (!c->as_json) {
        command_print(t, c->verb, a);
        return;
    }
    if (!verb_gives_list(c->verb) && !a->item)
        return;
    json = json_text(t, verb_gives_list(c->verb) ? json_list(t, &a->list) : json_item(t, c->verb->gives, a->item),
                     true);
    printf("%.*s\n", (int)json.length, json.at);
}

/* What deletes says how it can be taken back, and what it leaves alone. */
static void say_undo(const struct command *c, const struct answer *a)
{
    if (c->verb->act != ACT_DELETE || !a->undo || c->as_json)
        return;
    printf("deleted; `postreeve undo %lld` puts it back\n", (long long)a->undo);
    if (c->verb->of->image_whole == IMAGE_MAILBOX_WHOLE || c->verb->of->image_whole == IMAGE_DOMAIN_WHOLE)
        puts("letters on disk are as they were: only a hook moves or removes them");
}

static int run_verb(struct task *t, const char *config_path, int argc, char **argv)
{
    struct actor root = { .role = ROLE_SUPER_ADMIN, .username = who(t), .source = TEXT("localhost"), .via = "cli",
                          .language = TEXT("en") };
    struct command c;
    struct config config;
    struct store_settings settings;
    struct service service;
    struct answer a = { 0 };
    enum outcome o = command_read(t, argc, argv, &c);

    if (o == MISSING) {
        fprintf(stderr, "postreeve: there is no command \"%s %s\"; see postreeve --help\n", argv[0],
                argc > 1 ? argv[1] : "");
        return EX_USAGE;
    }
    if (c.stranger) {
        fprintf(stderr, "postreeve: %s %s takes no %s; `postreeve %s %s --help` lists what it takes\n", argv[0], argv[1],
                c.stranger, argv[0], argv[1]);
        return EX_USAGE;
    }
    if (c.wants_help) {
        command_help(t, c.verb);
        return EX_OK;
    }
    if (o != DONE) {
        say_problems(t);
        return exit_codes[o];
    }
    if (config_load(t, config_path, &config) != DONE || config_open_vault(t, &config) != DONE
        || config_read_letters(t, &config) != DONE)
        return EX_CONFIG;
    settings = store_settings_of(&config, &config.database);
    settings.pool = 1;
    service = service_of(&config, store_open(&settings));
    o = transact(&service, t, c.verb, &root, &c.in, &a);
    if (o == DONE) {
        print_answer(t, &c, &a);
        say_undo(&c, &a);
    } else {
        say_problems(t);
        say_outcome(o, c.in.key.at ? task_c_string(t, c.in.key) : "");
    }
    store_close(service.store);
    return o == DONE && a.alarm ? EX_DATAERR : exit_codes[o];
}

static void said(const char *name, int statements)
{
    printf("%s: done (%d statements)\n", name, statements);
}

static int run_migrate(struct task *t, const char *config_path, int argc, char **argv)
{
    struct config config;
    struct store_settings settings;
    enum outcome o;

    if (argc != 1 && !(argc == 3 && strcmp(argv[1], "--option-file") == 0)) {
        fputs(usage, stderr);
        return EX_USAGE;
    }
    if (config_load(t, config_path, &config) != DONE)
        return EX_CONFIG;
    settings = store_settings_of(&config, &config.database);
    if (argc == 3) { /* another account, for this once */
        settings.option_file = text_of(argv[2]);
        settings.user = settings.password = (struct text){ 0 };
    }
    settings.read_seconds = MIGRATION_SECONDS;
    o = store_connect(t, &settings);
    if (o == DONE)
        o = migrate(t, said);
    say_outcome(o, "migrate");
    return exit_codes[o];
}

/* Where no service runs, or not to wait for it. */
static int run_errands(struct task *t, const char *config_path)
{
    struct config config;
    struct store_settings settings;
    struct service service;
    struct errand_tally tally;
    enum outcome o;

    if (config_load(t, config_path, &config) != DONE || config_open_vault(t, &config) != DONE
        || config_check_hooks(&config) != DONE)
        return EX_CONFIG;
    o = outside_start();
    if (o != DONE)
        return exit_codes[o];
    settings = store_settings_of(&config, &config.database);
    settings.pool = 1;
    service = service_of(&config, store_open(&settings));
    o = errands_run_due(&service, 0, &tally);
    printf("%lld done, %lld to be tried again, %lld failed\n", (long long)tally.done, (long long)tally.again,
           (long long)tally.failed);
    say_outcome(o, "errand run");
    store_close(service.store);
    outside_stop();
    return o == DONE && tally.failed ? EX_UNAVAILABLE : o == DONE && tally.again ? EX_TEMPFAIL : exit_codes[o];
}

static int run(struct task *t, const char *config_path, int argc, char **argv)
{
    struct text text;

    if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "help") == 0) {
        fputs(usage, argc ? stdout : stderr);
        if (argc)
            command_help(t, NULL);
        return argc ? EX_OK : EX_USAGE;
    }
    if (strcmp(argv[0], "--version") == 0) {
        puts("postreeve " POSTREEVE_VERSION);
        return EX_OK;
    }
    if (strcmp(argv[0], "openapi") == 0) {
        text = api_openapi(t);
        printf("%.*s\n", (int)text.length, text.at);
        return EX_OK;
    }
    if (strcmp(argv[0], "manual") == 0 && argc == 2) { /* for the build: CMakeLists.txt */
        if (strcmp(argv[1], "postreeve.conf.5") == 0)
            configuration_manual(t);
        else
            command_manual(t);
        return EX_OK;
    }
    if (strcmp(argv[0], "fetchmail") == 0 && (argc < 2 || strncmp(argv[1], "--", 2) == 0))
        return command_fetchmail(t, config_path, argc, argv);
    if (strcmp(argv[0], "dns") == 0 && (argc < 2 || strcmp(argv[1], "show") != 0))
        return command_dns(t, config_path, argc, argv);
    if (strcmp(argv[0], "migrate") == 0)
        return run_migrate(t, config_path, argc, argv);
    if (argc == 2 && strcmp(argv[0], "errand") == 0 && strcmp(argv[1], "run") == 0)
        return run_errands(t, config_path);
    if (strcmp(argv[0], "undo") == 0 && argc > 1) { /* short for "log undo" */
        char noun[] = "log", act[] = "undo", *longer[ARGUMENTS_MAX] = { noun, act };

        for (int i = 1; i < argc && i + 1 < ARGUMENTS_MAX; i++)
            longer[i + 1] = argv[i];
        return run_verb(t, config_path, argc + 1 < ARGUMENTS_MAX ? argc + 1 : ARGUMENTS_MAX, longer);
    }
    return run_verb(t, config_path, argc, argv);
}

int main(int argc, char **argv)
{
    const char *config_path = config_take_option(&argc, argv);
    struct task *t = task_open();
    int code;

    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* how wide characters are; without it each counts as one */
    secrecy_start();
    secret_start();
    code = run(t, config_path, argc - 1, argv + 1);
    task_close(t);
    if (fflush(stdout) != 0)
        code = EX_IOERR;
    return code;
}
