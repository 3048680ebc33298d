#include "engines/biff_formula.h"

#include <string.h>

#include "model/kind.h"

typedef struct Walk {
    const MgkBiffScope *scope;
    const guint8 *p;     /* the next token */
    gsize left;          /* of rgce */
    const guint8 *extra; /* the next constant */
    gsize extra_left;    /* of rgcb */
    MgkBiffVerdict verdict;
} Walk;

static const struct {
    guint16 first, last;
} functions[] = {
#define MGK_BIFF_FUNCTIONS(first, last) {first, last},
#include "rules/biff_functions.def"
#undef MGK_BIFF_FUNCTIONS
};

/* Bytes that follow a token of the base class ([MS-XLS] 2.5.198.25); -1: not allowed or of variable length. */
static const gint8 sizes[64] = {
    -1, 4,  -1, 0,  0,  0,  0,  0,  0,  0, 0,  0,  0, 0,  0,  0,  /* Exp, operators */
    0,  0,  0,  0,  0,  0,  0,  -1, -1, 3, -1, -1, 1, 1,  2,  8,  /* Paren, MissArg, Str, Attr, Err, Bool, Int, Num */
    7,  2,  3,  4,  4,  8,  6,  6,  6,  2, 4,  8,  4, 8,  -1, -1, /* Array, Func, FuncVar, Name, Ref, Area, Mem… */
    -1, -1, -1, -1, -1, -1, -1, -1, -1, 6, 6,  10, 6, 10, -1, -1, /* NameX, Ref3d, Area3d, RefErr3d, AreaErr3d */
};

enum {
    EXP = 0x01,
    STR = 0x17,
    ATTR = 0x19,
    ARRAY = 0x20,
    FUNC = 0x21,
    FUNC_VAR = 0x22,
    NAME = 0x23,
    MEM_AREA = 0x26,
    NAME_X = 0x39,
    REF_3D = 0x3a,
    AREA_3D = 0x3b,
    HYPERLINK = 359,
    USER_DEFINED = 255,
    CHOOSE = 4, /* of Attr: a jump table follows */
};

static guint u16(const guint8 *p)
{
    return p[0] | (guint)p[1] << 8;
}

static void judge(Walk *walk, MgkBiffVerdict verdict)
{
    if (walk->verdict == MGK_BIFF_SAFE || verdict == MGK_BIFF_CODE)
        walk->verdict = verdict;
}

MgkBiffVerdict mgk_biff_function(guint number)
{
    for (guint i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (number >= functions[i].first && number <= functions[i].last)
            return MGK_BIFF_SAFE;
    }
    return number == HYPERLINK ? MGK_BIFF_LINK : number == USER_DEFINED ? MGK_BIFF_UNKNOWN : MGK_BIFF_CODE;
}

guint mgk_biff_kind(MgkBiffVerdict verdict)
{
    switch (verdict) {
    case MGK_BIFF_EXTERNAL:
        return MGK_KIND_FORMULA_EXTERNAL;
    case MGK_BIFF_CODE:
        return MGK_KIND_FORMULA_DANGEROUS;
    case MGK_BIFF_LINK:
        return MGK_KIND_FORMULA_LINK;
    case MGK_BIFF_SAFE:
    case MGK_BIFF_SHARED:
    case MGK_BIFF_UNKNOWN:
        break;
    }
    return MGK_KIND_FORMULA_UNKNOWN;
}

static void judge_function(Walk *walk, guint number)
{
    MgkBiffVerdict verdict = mgk_biff_function(number);
    if (verdict != MGK_BIFF_SAFE)
        judge(walk, verdict);
}

static void judge_token(Walk *walk, guint base, const guint8 *p)
{
    const MgkBiffScope *scope = walk->scope;
    if (base == FUNC)
        judge_function(walk, u16(p));
    else if (base == FUNC_VAR)
        judge_function(walk, u16(p + 1));
    else if (base == NAME_X || (base == NAME && (u16(p) == 0 || u16(p) > scope->n_names || !scope->names[u16(p) - 1])))
        judge(walk, MGK_BIFF_UNKNOWN);
    else if ((base == REF_3D || base == AREA_3D) && (u16(p) >= scope->n_sheets || !scope->sheets[u16(p)]))
        judge(walk, MGK_BIFF_EXTERNAL);
}

static gboolean skip_extra(Walk *walk, gsize n)
{
    if (walk->extra_left < n)
        return FALSE;
    walk->extra += n;
    walk->extra_left -= n;
    return TRUE;
}

/* The constants of {1;2|"x"} stand behind the tokens (2.5.198.59 PtgExtraArray). */
static gboolean skip_array(Walk *walk)
{
    if (walk->extra_left < 3)
        return FALSE;
    gsize n = (walk->extra[0] + (gsize)1) * (u16(walk->extra + 1) + (gsize)1);
    if (!skip_extra(walk, 3) || n > walk->extra_left)
        return FALSE;
    for (gsize i = 0; i < n; i++) {
        gsize size = 9;
        if (walk->extra_left >= 4 && walk->extra[0] == 2)
            size = 4 + ((gsize)u16(walk->extra + 1) << (walk->extra[3] & 1));
        if (!skip_extra(walk, size))
            return FALSE;
    }
    return TRUE;
}

/* What an Attr is ([MS-XLS] 2.5.198.33 and behind), by its one bit, or two where a formula is to be counted again at
 * each change: readers differ about others, and so about where the next token begins. */
static gboolean is_attribute(guint8 bits)
{
    static const guint8 known[] = {0x00, 0x01, 0x02, CHOOSE, 0x08, 0x10, 0x20, 0x21, 0x40, 0x41};
    return memchr(known, bits, sizeof known) != NULL;
}

/* The length behind a token's first byte; FALSE when it makes no sense. */
static gboolean token_size(const Walk *walk, guint base, gsize *ret_size)
{
    gint8 fixed = sizes[base];
    gsize left = walk->left - 1;
    *ret_size = fixed < 0 ? 0 : (gsize)fixed;
    if (base == STR) {
        if (left < 2 || walk->p[2] > 1)
            return FALSE;
        *ret_size = 2 + ((gsize)walk->p[1] << walk->p[2]);
    } else if (fixed < 0) {
        return FALSE;
    }
    if (base == ATTR && (left < 3 || !is_attribute(walk->p[1])))
        return FALSE;
    if (base == ATTR && walk->p[1] == CHOOSE)
        *ret_size = 3 + (u16(walk->p + 2) + (gsize)1) * 2;
    return *ret_size <= left;
}

static gboolean walk_token(Walk *walk)
{
    guint token = walk->p[0], base = token;
    gsize size = 0;
    if (token & 0x80)
        return FALSE;
    if (token >= 0x40)
        base = (token & 0x1f) | 0x20;
    if (!token_size(walk, base, &size))
        return FALSE;
    judge_token(walk, base, walk->p + 1);
    walk->p += size + 1;
    walk->left -= size + 1;
    if (base == ARRAY)
        return skip_array(walk);
    if (base == MEM_AREA)
        return walk->extra_left >= 2 && skip_extra(walk, 2 + (gsize)u16(walk->extra) * 8);
    return TRUE;
}

MgkBiffVerdict mgk_biff_formula(const MgkBiffScope *scope, const guint8 *tokens, gsize size, gsize extra,
                                guint32 *ret_master)
{
    if (size == 5 && extra == 0 && tokens[0] == EXP) {
        if (ret_master)
            *ret_master = u16(tokens + 1) << 8 | tokens[3];
        return ret_master ? MGK_BIFF_SHARED : MGK_BIFF_UNKNOWN;
    }
    Walk walk = {.scope = scope, .p = tokens, .left = size, .extra = tokens + size, .extra_left = extra};
    while (walk.left > 0) {
        if (walk.p[0] == EXP || !walk_token(&walk))
            return walk.verdict == MGK_BIFF_SAFE ? MGK_BIFF_UNKNOWN : walk.verdict;
    }
    return walk.extra_left == 0 ? walk.verdict : MGK_BIFF_UNKNOWN;
}
