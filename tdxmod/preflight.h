/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Would this host take an image, and would its TDs survive?  Concluded from
 * what sysfs, the processors and the list of releases tell, without uploading;
 * what they do not tell is unknown.
 */
#ifndef TDXMOD_PREFLIGHT_H
#define TDXMOD_PREFLIGHT_H

#include "findings.h"
#include "host.h"
#include "image.h"
#include "releases.h"

/* The one check whose refusal the firmware would not share. */
#define PREFLIGHT_POLICY	"td-preserving"

struct preflight {
	const struct image *image;
	const struct host *host;

	/* Each may be NULL if not known. */
	const struct version *version;
	const struct releases *releases;
	const struct seam_sigstruct *running;
};

void preflight_check(const struct preflight *preflight, struct findings *findings);

#endif
