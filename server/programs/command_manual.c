/* server/programs/command_manual.c - the manual pages that tables can write: postreeve(1) and postreeve.conf(5) */
#include "programs/command.h"

#include "api/command_words.h"

#include <stdio.h>
#include <string.h>

/* groff_man(7): a line must not begin with a dot or quote, a backslash is an escape, a hyphen is a minus sign. */
static void say(const char *words)
{
    if (*words == '.' || *words == '\'')
        fputs("\\&", stdout);
    for (; *words; words++) {
        if (*words == '\\')
            fputs("\\e", stdout);
        else if (*words == '-')
            fputs("\\-", stdout);
        else
            putchar(*words);
    }
}

static void line(const char *request, const char *words)
{
    printf("%s ", request);
    say(words);
    putchar('\n');
}

static void paragraph(const char *term, const char *words)
{
    puts(".TP");
    line(".B", term);
    say(words);
    putchar('\n');
}

static void option(struct task *t, const struct field *f)
{
    struct text name = command_option(t, f), stem = command_secret(t, f);
    struct text term = f->flags & SECRET ? task_printf(t, "--%.*s-stdin, --%.*s-file FILE", (int)stem.length, stem.at,
                                                       (int)stem.length, stem.at)
        : f->kind == KIND_BOOLEAN        ? task_printf(t, "--%s, --no-%s", name.at, name.at)
                                         : task_printf(t, "--%s %s", name.at, command_wants(t, f).at);

    paragraph(term.at, f->doc ? f->doc : "");
}

static void options(struct task *t, const struct shape *s, enum act act)
{
    for (size_t i = 0; s && i < s->count; i++) {
        const struct field *f = &s->fields[i];

        if (f->kind == KIND_SHAPE && !(f->flags & READ_ONLY))
            options(t, f->shape, act);
        else if (command_takes(f, act))
            option(t, f);
    }
}

static void verb(struct task *t, const struct verb *v)
{
    struct text name = text_of(v->name);
    size_t dot = text_find(name, '.');
    const char *key = v->act == ACT_LIST ? "[DOMAIN]" : command_has_key(v) ? v->of->key : "";

    line(".SS", task_printf(t, "%.*s %s %s", (int)dot, v->name, v->name + dot + 1, key).at);
    say(v->summary);
    puts(".");
    if (v->act != ACT_LIST)
        options(t, v->takes, v->act);
    for (size_t i = 0; v->act == ACT_LIST && i < page_shape.count; i++)
        if (listing_knows(v->of ? v->of->listing : NULL, &page_shape.fields[i]))
            option(t, &page_shape.fields[i]);
}

void command_manual(struct task *t)
{
    puts(".TH POSTREEVE 1 \"\" \"postreeve " POSTREEVE_VERSION "\" \"User commands\"\n"
         ".SH NAME\npostreeve \\- administration of virtual mail domains\n"
         ".SH SYNOPSIS\n.B postreeve\n[\\fB\\-c\\fR \\fIFILE\\fR] \\fINOUN\\fR \\fIACT\\fR [\\fIKEY\\fR]"
         " [\\fB\\-\\-option\\fR \\fIvalue\\fR]... [\\fB\\-\\-json\\fR]\n.br\n.B postreeve\n"
         "[\\fB\\-c\\fR \\fIFILE\\fR] \\fBmigrate\\fR [\\fB\\-\\-option\\-file\\fR \\fIFILE\\fR]\n.br\n"
         ".B postreeve\n[\\fB\\-c\\fR \\fIFILE\\fR] \\fBundo\\fR \\fIID\\fR\n.br\n"
         ".B postreeve\n[\\fB\\-c\\fR \\fIFILE\\fR] \\fBfetchmail \\-\\-run\\fR | \\fB\\-\\-out\\fR \\fIFILE\\fR\n.br\n"
         ".B postreeve\n[\\fB\\-c\\fR \\fIFILE\\fR] \\fBerrand run\\fR\n.br\n"
         ".B postreeve openapi\n"
         ".SH DESCRIPTION\nEvery verb of the API as a subcommand, run straight on the database, as a super admin.\n"
         "Sizes take K, M, G and T (powers of 1024); none is no limit; an option for a list may be repeated.\n"
         "Moments are written as in RFC 3339, 2026\\-12\\-31T23:59:59Z, or none.\n"
         "Passwords come from standard input, a file or a prompt, never from an argument.\n"
         "Each change is one transaction with its record in the log; what follows from it (programs, webhooks, letters) is done by\n"
         ".BR postreeved (8),\nor by \\fBerrand run\\fR. One's own account (\\fI/me\\fR) has no commands: who runs this is nobody's"
         " mailbox.\n"
         ".SH OPTIONS\n.TP\n.BI \\-c \" FILE\"\nThe configuration,\n.BR postreeve.conf (5);\nelse that in POSTREEVE_CONFIG, else\n"
         ".IR " CONFIG_DEFAULT_PATH ".\n"
         ".TP\n.B \\-\\-json\nThe answer as the API gives it.\n"
         ".TP\n.BI \\-\\-if\\-match \" ETAG\"\nOf changes and deletes: only if the item is still that version; else 73.\n"
         ".TP\n.B \\-\\-help\nBehind a noun and an act: what it takes.\n"
         ".SH COMMANDS");
    for (const struct verb *const *table = verb_tables; *table; table++)
        for (const struct verb *v = *table; v->name; v++)
            if (command_offers(v))
                verb(t, v);
    puts(".SS migrate\nBrings the tables to this version's layout. With \\fB\\-\\-option\\-file\\fR, by the account in that\n"
         "my.cnf\\-style file, since the service's own account may not change tables.\n"
         ".SS fetchmail \\-\\-run\nRuns the fetchmail jobs whose time has come, one after the other, and notes date and"
         " result in each.\nMeant for a timer. Ends with 75 when a job failed, 78 when fetchmail cannot be used.\n"
         ".SS fetchmail \\-\\-out FILE\nWrites all active jobs as a fetchmailrc, for who runs\n.BR fetchmail (1)\nby"
         " other means; passwords are in it.\n"
         ".SS errand run\nDoes what follows from changes (programs, webhooks, letters) and is due, where no\n"
         ".BR postreeved (8)\nruns, or not to wait for it. 75: something is to be tried again; 69: something has failed.\n"
         ".SS dns DOMAIN [\\-\\-json | \\-\\-zone]\nPrints what the domain name system should say of a domain (MX, SPF, DKIM, DMARC, SRV,\n"
         "MTA\\-STS, TLS\\-RPT), as a piece of BIND's zone file, and which ports to open. It asks nobody what is published now.\n"
         ".SS undo ID\nThe same as \\fBlog undo\\fR \\fIID\\fR: puts back what that change found, and says what stands in the way"
         " if something newer does. A delete says the number. Letters on disk are never touched.\n"
         ".SS openapi\nPrints the description of the HTTP API (OpenAPI 3.1).\n"
         ".SH EXIT STATUS\nThose of\n.BR sysexits (3):\n"
         "0 done; 64 usage; 65 wrong input, or \\fBlog verify\\fR has found something; 67 no such item; 69 something has failed for good"
         " (errand run);\n70 our fault; 73 taken, or changed by somebody else;\n"
         "75 cannot tell now; 77 not allowed; 78 configuration.\n"
         ".SH SEE ALSO\n.BR postreeved (8),\n.BR postreeve\\-lookup (1),\n.BR postreeve.conf (5)");
}

/* What a section is for. The keys say the rest. */
static const struct { const char *section, *words; } sections[] = {
    { "server", "The service itself: where it listens, and how much at once. Outside the loopback addresses it needs TLS, or "
                "trusted_proxies." },
    { "database", "The account that reads and writes. postreeve migrate may be given another, which may change tables." },
    { "lookup", "The account of the mail daemons, which reads what sql/grants.sql lets it. postreeve-lookup asks by it, and render "
                "writes it into the files of Postfix, Cyrus SASL, Courier and Dovecot." },
    { "password", "How passwords are stored, which are taken, and what becomes of those that somebody forgot." },
    { "quota", "Units of older columns." },
    { "domain", "What a new domain begins with." },
    { "mail", "Where letters lie. render has to be run again after a change, here and in the sections that follow up to [dovecot]." },
    { "tls", "The mail daemons' certificate; the service's own is in [server]." },
    { "sasl", "How Postfix checks log-ins, where postreeve-lookup render is not told to let Dovecot do it itself." },
    { "postfix", "What render writes into main.cf.postreeve and master.cf.postreeve; names and meanings are Postfix' own." },
    { "dovecot", "What render writes into Dovecot's files besides." },
    { "session", "Of the web interface." },
    { "throttle", "Failed log-ins at the service, by account and by three widths of network, after which the next ones are refused "
                  "unseen until the window is over. Guesses at recovery, second factors and one's own password count, too." },
    { "secrets", "What is kept encrypted, and how the log is chained. Make the file with: openssl rand -hex 32. Keep a copy apart "
                 "from those of the database: without it what was stored under it is lost." },
    { "fetchmail", "For postreeve fetchmail." },
    { "undo", "How far back changes can be taken back." },
    { "hooks", "Programs of your own after a change: each an absolute path, belonging to root or the service's account, which "
               "nobody else may write. They run after the commit, also of what the command line changed, and again when they "
               "fail; POSTREEVE_DELIVERY in their environment is the same each time." },
    { "errands", "How programs, webhooks and letters are tried again. postreeve errand list shows them." },
    { "letters", "Letters of the service's own. Log-in and certificate are for a server elsewhere; the local Postfix needs none." },
    { "clients", "What mail programs are told of where to read and send (autoconfig, autodiscover, mobileconfig)." },
    { "dns", "What postreeve dns says each domain should publish." },
    { "dkim", "Keys that sign letters. render has to be run again after a change." },
    { "webhook", "HTTP requests after a change. One that is not answered by 2xx is sent again." },
};

static const char *section_words(const char *name)
{
    for (size_t i = 0; i < COUNT(sections); i++)
        if (strcmp(sections[i].section, name) == 0)
            return sections[i].words;
    return NULL;
}

void configuration_manual(struct task *t)
{
    puts(".TH POSTREEVE.CONF 5 \"\" \"postreeve " POSTREEVE_VERSION "\" \"File formats\"\n"
         ".SH NAME\npostreeve.conf \\- configuration of postreeve\n"
         ".SH DESCRIPTION\nAn INI file: sections in brackets, then\n.IR key \" = \" value ;\n"
         "a line that begins with # or ; is a comment. An unknown key or a bad value is an error that names file and line.\n"
         "A list has commas between its entries; what is on or off is yes or no.\n"
         "A file that holds a password must not be open to others.\n"
         "Programs read it once, at their start: after a change restart\n.BR postreeved (8),\nand run\n.B postreeve\\-lookup render\n"
         "again. \\fBpostreeved \\-\\-check\\fR judges it.\n"
         "The file is the one given with \\fB\\-c\\fR, else that in POSTREEVE_CONFIG, else\n"
         ".I " CONFIG_DEFAULT_PATH);
    for (const struct config_section *s = config_sections; s->name; s++) {
        line(".SH", task_printf(t, "[%s]", s->name).at);
        if (section_words(s->name)) {
            say(section_words(s->name));
            putchar('\n');
        }
        for (size_t i = 0; i < s->shape->count; i++) {
            const struct field *f = &s->shape->fields[i];
            const char *usual = config_default(s->name, f->name);

            paragraph(f->name, f->doc);
            for (const char *const *w = f->words; w && *w; w++)
                printf("%s%s", w == f->words ? "One of " : ", ", *w);
            if (f->words)
                puts(".");
            if (usual)
                line("", task_printf(t, "Default: %s", usual).at);
        }
    }
    puts(".SH SEE ALSO\n.BR postreeve (1),\n.BR postreeved (8),\n.BR postreeve\\-lookup (1)");
}
