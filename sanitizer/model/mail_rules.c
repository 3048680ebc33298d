#include "model/mail_rules.h"

#include "model/words.h"

#include <arpa/inet.h>
#include <string.h>

#define STARS_MAX 4
#define ADDRESS_BYTES 1024 /* of an envelope; longer ones match no rule with a pattern */

static const char *const profiles[] = {[MGK_MAIL_STANDARD] = "standard", [MGK_MAIL_TEXT_ONLY] = "text-only"};

/* ---- patterns ---- */

/* '*' stands for any characters. Quadratic at worst: only the latest star is ever tried again. */
static gboolean matches(const char *pattern, const char *text)
{
    const char *star = NULL, *again = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            again = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++again;
        } else {
            return FALSE;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

/* An address as rules are compared with: without <>, route and final dot, lower case, the domain in ASCII. What is too
 * long or none becomes "?", which only "*" matches. */
static char *normal_address(const char *given)
{
    g_autofree char *text = g_strndup(given, strnlen(given, ADDRESS_BYTES));
    g_strstrip(text);
    gsize length = strlen(text);
    if (length == ADDRESS_BYTES || !g_utf8_validate(text, -1, NULL))
        return g_strdup("?");
    gboolean angles = length >= 2 && text[0] == '<' && text[length - 1] == '>';
    text[length - angles] = '\0';
    char *address = text + angles;
    char *route = *address == '@' ? strchr(address, ':') : NULL; /* RFC 5321 4.1.1.3: to be ignored */
    address = route ? route + 1 : address;
    while (g_str_has_suffix(address, "."))
        address[strlen(address) - 1] = '\0';
    char *at = strrchr(address, '@');
    if (!*address || !at)
        return g_strdup(*address ? "?" : "<>");
    g_autofree char *domain = g_hostname_is_non_ascii(at + 1) ? g_hostname_to_ascii(at + 1) : g_strdup(at + 1);
    g_autofree char *local = g_utf8_strdown(address, at - address);
    g_autofree char *lower = domain ? g_ascii_strdown(domain, -1) : NULL;
    return lower ? g_strconcat(local, "@", lower, NULL) : g_strdup("?");
}

static gboolean fits(const char *pattern, const char *address)
{
    return !*pattern || strcmp(pattern, "*") == 0 || matches(pattern, address);
}

static const char *take_pattern(const char *text, char *ret_pattern, gsize bytes)
{
    guint stars = 0;
    if (strlen(text) >= bytes)
        return N_("a pattern is longer than 95 bytes");
    for (const char *p = text; *p; p++)
        stars += *p == '*';
    const char *at = strrchr(text, '@');
    if (strcmp(text, "*") != 0 && strcmp(text, "<>") != 0 && (!at || !at[1]))
        return N_("a pattern is an address with * for any characters (*@example.jp), or *, or <> for reports of "
                  "non-delivery");
    if (stars > STARS_MAX || !g_str_is_ascii(at ? at : ""))
        return N_("a pattern has at most four *, and its domain is written in ASCII (xn--…)");
    g_autofree char *lower = g_utf8_strdown(text, -1);
    if (g_strlcpy(ret_pattern, lower, bytes) >= bytes)
        return N_("a pattern is longer than 95 bytes");
    return NULL;
}

const char *mgk_mail_rule_parse(const char *text, MgkMailRule *ret_rule)
{
    static const char syntax[] = N_("a rule is: PROFILE from PATTERN to PATTERN (one of the two may be missing)");
    MgkMailRule rule = {0};
    g_autofree char *spaced = g_strdup(text);
    g_strdelimit(spaced, "\t", ' ');
    g_auto(GStrv) words = g_strsplit(spaced, " ", -1);
    const char *profile = NULL, *key = NULL, *wrong = NULL;
    for (guint i = 0; words[i] && !wrong; i++) {
        if (!*words[i])
            continue;
        gboolean from = key && strcmp(key, "from") == 0;
        char *pattern = from ? rule.from : rule.to;
        if (!profile)
            profile = words[i];
        else if (!key)
            key = words[i];
        else if ((!from && strcmp(key, "to") != 0) || *pattern)
            return syntax;
        else {
            wrong = take_pattern(words[i], pattern, sizeof rule.from);
            key = NULL;
        }
    }
    if (wrong)
        return wrong;
    if (!profile || key || (!*rule.from && !*rule.to))
        return syntax;
    for (guint i = 0; i < G_N_ELEMENTS(profiles); i++) {
        rule.profile = (MgkMailProfile)i;
        if (strcmp(profiles[i], profile) == 0) {
            *ret_rule = rule;
            return NULL;
        }
    }
    return N_("the profile is none of: standard text-only");
}

char *mgk_mail_rule_format(const MgkMailRule *rule)
{
    return g_strconcat(profiles[rule->profile], *rule->from ? " from " : "", rule->from, *rule->to ? " to " : "",
                       rule->to, NULL);
}

/* ---- peers ---- */

typedef struct Network {
    guint8 bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
    guint bits;
} Network;

/* "192.0.2.0/24", "2001:db8::1"; bits are those of the 128-bit form. */
static gboolean read_network(const char *text, Network *ret_network)
{
    g_autofree char *address = g_strndup(text, strcspn(text, "/"));
    const char *slash = strchr(text, '/');
    guint64 bits = 0;
    struct in_addr four;
    Network network = {.bytes = {[10] = 0xff, [11] = 0xff}};
    gboolean is_four = inet_pton(AF_INET, address, &four) == 1;
    guint width = is_four ? 32 : 128;
    if (is_four)
        memcpy(network.bytes + 12, &four, 4);
    else if (inet_pton(AF_INET6, address, network.bytes) != 1)
        return FALSE;
    if (slash && !g_ascii_string_to_unsigned(slash + 1, 10, 0, width, &bits, NULL))
        return FALSE;
    network.bits = 128 - width + (slash ? (guint)bits : width);
    *ret_network = network;
    return TRUE;
}

static gboolean contains(const Network *network, const guint8 *address)
{
    guint whole = network->bits / 8, rest = network->bits % 8;
    guint8 mask = (guint8)(0xff00u >> rest);
    return memcmp(network->bytes, address, whole) == 0 &&
           (rest == 0 || ((network->bytes[whole] ^ address[whole]) & mask) == 0);
}

gboolean mgk_mail_peers_valid(const char *list)
{
    g_auto(GStrv) words = g_strsplit_set(list, " ,\t", -1);
    gboolean good = TRUE;
    for (guint i = 0; words[i] && good; i++) {
        Network network;
        good = !*words[i] || read_network(words[i], &network);
    }
    return good;
}

static gboolean is_trusted(const char *list, const char *client)
{
    Network peer;
    const char *address = client && g_ascii_strncasecmp(client, "IPv6:", 5) == 0 ? client + 5 : client;
    if (!address || strchr(address, '/') || !read_network(address, &peer))
        return FALSE;
    g_auto(GStrv) words = g_strsplit_set(list, " ,\t", -1);
    for (guint i = 0; words[i]; i++) {
        Network network;
        if (*words[i] && read_network(words[i], &network) && contains(&network, peer.bytes))
            return TRUE;
    }
    return FALSE;
}

/* ---- the whole envelope ---- */

static MgkMailProfile profile_of(const MgkPolicy *policy, const char *sender, const char *recipient)
{
    for (guint i = 0; i < policy->n_mail_rules; i++) {
        const MgkMailRule *rule = &policy->mail_rules[i];
        if (fits(rule->from, sender) && fits(rule->to, recipient))
            return rule->profile;
    }
    return policy->mail.profile;
}

static gboolean is_id(const char *id)
{
    gsize length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");
    return length > 0 && length < sizeof(((MgkMailPolicy *)NULL)->id) && id[length] == '\0';
}

void mgk_mail_policy_resolve(MgkPolicy *policy, const MgkEnvelope *envelope)
{
    static const MgkEnvelope unknown = {0};
    const MgkEnvelope *e = envelope ? envelope : &unknown;
    MgkMailPolicy *mail = &policy->mail;
    if (!e->trusted_peer && !is_trusted(mail->trusted_peers, e->client_address))
        mail->trusted_headers[0] = mail->authserv_ids[0] = '\0';
    g_strlcpy(mail->id, e->id && is_id(e->id) ? e->id : "", sizeof mail->id);
    g_autofree char *sender = e->sender ? normal_address(e->sender) : g_strdup("?");
    guint n = 0;
    MgkMailProfile strictest = MGK_MAIL_STANDARD;
    mail->mixed_profiles = FALSE;
    for (; e->recipients && e->recipients[n]; n++) {
        g_autofree char *recipient = normal_address(e->recipients[n]);
        MgkMailProfile profile = profile_of(policy, sender, recipient);
        mail->mixed_profiles |= n > 0 && profile != strictest;
        strictest = MAX(strictest, profile);
    }
    mail->profile = n > 0 ? strictest : profile_of(policy, sender, "?");
}
