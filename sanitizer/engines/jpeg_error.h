/* jpeg_error.h - libjpeg's way of failing (a callback that must not return) brought home to GError. */
#pragma once

#include "model/error.h"

#include <stdio.h> /* jpeglib.h needs it first */

#include <jpeglib.h>
#include <setjmp.h>

typedef struct MgkJpegError {
    struct jpeg_error_mgr manager; /* first: libjpeg sees this */
    jmp_buf home;                  /* set by the caller around every call into libjpeg */
    guint warnings;                /* corrupt-data warnings so far */
    guint early_end;               /* how many of them said that the data ended too soon */
    gint end_scan;                 /* scan and iMCU row read when the data first ended, -1 before */
    guint end_row;
    const char *abandoned; /* our own reason to give up, or NULL: libjpeg's message counts */
} MgkJpegError;

/* Fills in the callbacks; assign &jpeg->manager to cinfo->err. */
void mgk_jpeg_error_init(MgkJpegError *jpeg);
/* The GError for what made libjpeg jump home. */
void mgk_jpeg_error_set(const MgkJpegError *jpeg, j_common_ptr info, GError **error);
