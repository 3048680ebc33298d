/* print.h - what the doctor found, for people and for programs. */
#pragma once

#include "doctor/exam.h"

/* A line a result, in the language of words.h, with a remedy below what is not good; owned by the caller. */
char *mgk_print_text(const MgkExam *exam);
/* One JSON object, schema "mugaika-doctor/1"; owned by the caller. */
char *mgk_print_json(const MgkExam *exam);
