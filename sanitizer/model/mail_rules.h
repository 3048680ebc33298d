/* mail_rules.h - what a mail's envelope decides: its profile by sender and recipient patterns, and whether the marks of
 * the host that gave it are believed. Only callers see envelopes; a worker gets the policy that came of one. */
#pragma once

#include "model/policy.h"

/* How a mail came. All borrowed; the addresses with or without <>. */
typedef struct MgkEnvelope {
    const char *sender;            /* "" or "<>": a report of non-delivery; NULL: not known */
    const char *const *recipients; /* NULL-terminated; NULL: not known */
    const char *client_address; /* "192.0.2.1", "2001:db8::1" or "IPv6:…" of the host that gave it; NULL: not known */
    gboolean trusted_peer;      /* the caller vouches for that host, whatever [mail] trusted_peers says */
    const char
        *id; /* under which the caller keeps the original: letters, digits, "." "-" "_", at most 63; NULL: none */
} MgkEnvelope;

/* "text-only from *@example.org to info@city.example.jp" → a rule. NULL, or what is wrong with the text (a msgid). */
const char *mgk_mail_rule_parse(const char *text, MgkMailRule *ret_rule);
/* The same the other way round. Owned by the caller. */
char *mgk_mail_rule_format(const MgkMailRule *rule);
/* Whether every word of a list ("192.0.2.0/24 2001:db8::/32 10.1.2.3") is an address or a network. */
gboolean mgk_mail_peers_valid(const char *list);
/* policy->mail becomes what holds for a mail with this envelope (NULL: nothing is known): the strictest of its
 * recipients' profiles, the id, and no trusted fields unless the peer is trusted. For each recipient the first rule
 * whose patterns fit counts, else the profile of [mail]. */
void mgk_mail_policy_resolve(MgkPolicy *policy, const MgkEnvelope *envelope);
