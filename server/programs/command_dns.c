/* server/programs/command_dns.c - `postreeve dns DOMAIN`: what to publish, as a zone file has it, and what to open */
#include "programs/command.h"

#include "api/api.h"
#include "api/json.h"
#include "model/dns.h"
#include "programs/exit.h"

#include <stdio.h>
#include <string.h>

struct wanted {
    struct text domain;
    bool json, zone;
};

static bool read_words(int argc, char **argv, struct wanted *out)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            out->json = true;
        else if (strcmp(argv[i], "--zone") == 0)
            out->zone = true;
        else if (argv[i][0] == '-' || out->domain.at)
            return false;
        else
            out->domain = text_of(argv[i]);
    }
    return out->domain.at && !(out->json && out->zone);
}

static void print_sheet(struct task *t, const struct wanted *wanted, const struct verb *v, const struct dns_sheet *sheet)
{
    const struct dns_port *ports = sheet->ports.items;

    if (wanted->json) {
        puts(json_text(t, json_item(t, v->gives, sheet), true).at);
        return;
    }
    fputs(sheet->zone.at, stdout);
    if (wanted->zone)
        return;
    puts("\nPorts to open (TCP):");
    for (size_t i = 0; i < sheet->ports.count; i++)
        printf("%5lld  %-28s %s\n", (long long)ports[i].port, ports[i].host.at, ports[i].why.at);
}

static int run(struct task *t, const struct service *s, const struct wanted *wanted)
{
    struct actor root = { .role = ROLE_SUPER_ADMIN, .username = TEXT("root"), .source = TEXT("localhost"), .via = "cli",
                          .language = TEXT("en") };
    const struct verb *v = verb_named(TEXT("dns.show"));
    struct request in = { 0 };
    struct answer a = { 0 };
    enum outcome o = v->of->canon(t, "domain", wanted->domain, &in.key);

    if (o == DONE)
        o = transact(s, t, v, &root, &in, &a);
    if (o == DONE)
        print_sheet(t, wanted, v, a.item);
    for (const struct problem *p = task_problems(t); p && o != DONE; p = p->next)
        fprintf(stderr, "postreeve: %.*s %s\n", (int)p->field.length, p->field.at, problem_detail(t, p).at);
    if (o == MISSING)
        fputs("postreeve: dns: there is no such domain\n", stderr);
    if (o == RETRY)
        fputs("postreeve: dns: the database did not answer\n", stderr);
    return exit_codes[o];
}

int command_dns(struct task *t, const char *config_path, int argc, char **argv)
{
    struct wanted wanted = { 0 };
    struct config config;
    struct store_settings settings;
    struct service service;
    int code;

    if (!read_words(argc, argv, &wanted)) {
        bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;

        fputs("usage: postreeve [-c FILE] dns DOMAIN [--json | --zone]\n"
              "What the domain name system should say of a domain, and which ports to open.\n"
              "  --json  for programs\n"
              "  --zone  the records alone, as a piece of BIND's zone file\n",
              asked ? stdout : stderr);
        return asked ? EX_OK : EX_USAGE;
    }
    if (config_load(t, config_path, &config) != DONE)
        return EX_CONFIG;
    settings = store_settings_of(&config, &config.database);
    settings.pool = 1;
    service = service_of(&config, store_open(&settings));
    code = run(t, &service, &wanted);
    store_close(service.store);
    return code;
}
