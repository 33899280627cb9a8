// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the words in sysfs mean and what to do about them.
 */
#include <string.h>

#include "explain.h"

struct explanation explain_state(const struct host *host)
{
	switch (host_module_state(host)) {
	case MODULE_STATE_UNINITIALIZED:
		return (struct explanation) {
			"the kernel has not initialized the module",
			"see the kernel log for why", EXIT_UNSUPPORTED };
	case MODULE_STATE_READY:
		return (struct explanation) {
			"the module works", "nothing", EXIT_DONE };
	case MODULE_STATE_SHUTDOWN:
		return (struct explanation) {
			"the module is shut down but intact: TDs are frozen, not lost",
			"install an image, also one of the version that ran: TDs go on then",
			EXIT_RETRY };
	case MODULE_STATE_LOST:
		return (struct explanation) {
			"the module is gone, and all TDs with it", "reboot", EXIT_REBOOT };
	case MODULE_STATE_UNTOLD:
		return (struct explanation) {
			"this kernel does not tell", "nothing", EXIT_DONE };
	default:
		return (struct explanation) {
			"a state that this version of tdxmod does not know",
			"use a newer tdxmod", EXIT_DONE };
	}
}

const struct explanation explain_no_updates = {
	"no updates are left until the next reboot", "reboot", EXIT_REFUSED,
};

#define DAMAGED		"the image is damaged"
#define VERIFY		"check it with 'tdxmod verify' and get it anew"
#define OTHER_IMAGE	"use another image; 'tdxmod list' and 'tdxmod check' help to find one"
#define SEE_LOG		"see the kernel log, then try again"

struct word {
	const char *word;
	struct explanation explanation;
};

static const struct word words[] = {
	/* Of last_error, which kernels without it leave to the words below. */
	{ "file-size",		{ DAMAGED ": wrong length", VERIFY, EXIT_REFUSED } },
	{ "length-field",	{ DAMAGED ": wrong length", VERIFY, EXIT_REFUSED } },
	{ "page-count",		{ DAMAGED ": wrong length", VERIFY, EXIT_REFUSED } },
	{ "format-version",	{ "not an image, or of a newer format", VERIFY, EXIT_REFUSED } },
	{ "magic",		{ "not an image", VERIFY, EXIT_REFUSED } },
	{ "module-offset",	{ DAMAGED, VERIFY, EXIT_REFUSED } },
	{ "reserved-bytes",	{ DAMAGED, VERIFY, EXIT_REFUSED } },
	{ "sigstruct-pages",	{ "the image is for a newer kernel and P-SEAMLDR",
				  OTHER_IMAGE, EXIT_REFUSED } },
	{ "sigstruct",		{ DAMAGED, VERIFY, EXIT_REFUSED } },
	{ "hash",		{ DAMAGED, VERIFY, EXIT_REFUSED } },
	{ "signature",		{ DAMAGED, VERIFY, EXIT_REFUSED } },
	{ "crypto",		{ "the kernel could not compute the hash or the signature",
				  SEE_LOG, EXIT_RETRY } },
	{ "debug-signed",	{ "a debug image on a production platform",
				  OTHER_IMAGE, EXIT_REFUSED } },
	{ "cpu-table",		{ "the image is for other CPUs", OTHER_IMAGE, EXIT_REFUSED } },
	{ "svn",		{ "the image is less secure than the running module",
				  OTHER_IMAGE, EXIT_REFUSED } },
	{ "handoff-version",	{ "the image cannot take over from the running module",
				  "go by a version in between, or reboot", EXIT_REFUSED } },
	{ "no-updates-left",	{ "no updates are left until the next reboot",
				  "reboot", EXIT_REFUSED } },
	{ "no-seamldr",		{ "the P-SEAMLDR does not answer",
				  "see the kernel log, then reboot", EXIT_REBOOT } },
	{ "module-state",	{ "the module is lost", "reboot", EXIT_REBOOT } },
	{ "cpu-offline",	{ "a CPU is offline", "bring all CPUs online, try again",
				  EXIT_RETRY } },
	{ "td-build",		{ "a TD is being built",
				  "wait until it is finished, or end it, and try again",
				  EXIT_RETRY } },
	{ "no-memory",		{ "the kernel had no memory", "free some and try again",
				  EXIT_RETRY } },
	{ "module-busy",	{ "the module was busy all the time", "try again", EXIT_RETRY } },
	{ "seamldr-resources",	{ "the P-SEAMLDR lacked memory or entropy all the time",
				  "try again", EXIT_RETRY } },
	{ "image-rejected",	{ "the P-SEAMLDR does not take the image",
				  OTHER_IMAGE, EXIT_REFUSED } },
	{ "shutdown-failed",	{ "the running module refused to shut down",
				  SEE_LOG, EXIT_RETRY } },
	{ "install-failed",	{ "the P-SEAMLDR did not install the image",
				  SEE_LOG, EXIT_RETRY } },
	{ "sys-init-failed",	{ "the new module did not start", SEE_LOG, EXIT_RETRY } },
	{ "lp-init-failed",	{ "the new module did not start on a CPU",
				  SEE_LOG, EXIT_RETRY } },
	{ "sys-update-failed",	{ "the new module did not take over", SEE_LOG, EXIT_RETRY } },

	/* Of the upload device's error. */
	{ "hw-error",		{ "the firmware or a processor did not do its part",
				  SEE_LOG, EXIT_RETRY } },
	{ "timeout",		{ "the firmware or a processor did not answer in time",
				  "try again", EXIT_RETRY } },
	{ "user-abort",		{ "the update was cancelled", "try again when wanted",
				  EXIT_RETRY } },
	{ "device-busy",	{ "a CPU is offline, a TD is being built, or the firmware is busy",
				  "bring all CPUs online, wait for TD builds, try again",
				  EXIT_RETRY } },
	{ "invalid-file-size",	{ DAMAGED ": wrong length", VERIFY, EXIT_REFUSED } },
	{ "read-write-error",	{ "the kernel had no memory for the image",
				  "free some and try again", EXIT_RETRY } },
	{ "flash-wearout",	{ "no updates are left until the next reboot",
				  "reboot", EXIT_REFUSED } },
	{ "firmware-invalid",	{ "the image is damaged or not for this host and module",
				  OTHER_IMAGE, EXIT_REFUSED } },
};

static const struct explanation unknown_word = {
	"an error that this version of tdxmod does not know", SEE_LOG, EXIT_RETRY,
};

/*
 * The driver of Linux 7.2 shuts the module down before it knows whether the
 * image is any good, cannot go back, and reports all errors alike.
 */
static const struct explanation untold_failure = {
	"this kernel does not tell whether the module survived; it probably did not",
	"try to start a TD; if that fails, reboot", EXIT_REBOOT,
};

static const struct explanation *find_word(const char *text)
{
	const struct word *word;

	for (word = words; word < words + sizeof(words) / sizeof(words[0]); word++) {
		if (!strcmp(word->word, text))
			return &word->explanation;
	}
	return NULL;
}

static bool was_preparing(const char *upload_error)
{
	return !strncmp(upload_error, "preparing:", strlen("preparing:"));
}

/**
 * explain_failure() - Explain why the last upload failed
 * @host: read after the failure; its attribute "error" is not empty
 */
struct explanation explain_failure(const struct host *host)
{
	const char *word = strchr(host->error.text, ':');
	const struct explanation *explanation = NULL;

	if (host_module_state(host) == MODULE_STATE_UNTOLD && !was_preparing(host->error.text))
		return untold_failure;

	if (!host->last_error.error)
		explanation = find_word(host->last_error.text);
	if (!explanation)
		explanation = find_word(word ? word + 1 : host->error.text);
	return explanation ? *explanation : unknown_word;
}
