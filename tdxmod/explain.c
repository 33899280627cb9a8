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

struct upload_error {
	const char *word;
	struct explanation explanation;
};

static const struct upload_error upload_errors[] = {
	{ "hw-error", {
		"the firmware or a processor did not do its part",
		"see the kernel log, then try again", EXIT_RETRY } },
	{ "timeout", {
		"the firmware or a processor did not answer in time",
		"try again", EXIT_RETRY } },
	{ "user-abort", {
		"the update was cancelled", "try again when wanted", EXIT_RETRY } },
	{ "device-busy", {
		"a CPU is offline, a TD is being built, or the firmware is busy",
		"bring all CPUs online, wait for TD builds, try again", EXIT_RETRY } },
	{ "invalid-file-size", {
		"the length of the image is wrong",
		"check the image with 'tdxmod verify'", EXIT_REFUSED } },
	{ "read-write-error", {
		"the image did not arrive whole", "try again", EXIT_RETRY } },
	{ "flash-wearout", {
		"no updates are left until the next reboot",
		"reboot; the firmware can then load a newer module", EXIT_REFUSED } },
	{ "firmware-invalid", {
		"the image is damaged or not for this host and module",
		"see the kernel log, 'tdxmod verify' and 'tdxmod check'; use another image",
		EXIT_REFUSED } },
};

static struct explanation explain_word(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(upload_errors) / sizeof(upload_errors[0]); i++) {
		if (!strcmp(upload_errors[i].word, word))
			return upload_errors[i].explanation;
	}
	return (struct explanation) {
		"an error that this version of tdxmod does not know",
		"see the kernel log", EXIT_RETRY };
}

/*
 * The driver of Linux 7.2 shuts the module down before it knows whether the
 * image is any good, cannot go back, and reports all errors alike.
 */
static const struct explanation untold_failure = {
	"this kernel does not tell whether the module survived; it probably did not",
	"try to start a TD; if that fails, reboot", EXIT_REBOOT,
};

/**
 * explain_upload_error() - Explain what the attribute "error" says
 * @host: read after the failure
 * @upload_error: PHASE:WORD
 */
struct explanation explain_upload_error(const struct host *host, const char *upload_error)
{
	const char *word = strchr(upload_error, ':');
	bool preparing = !strncmp(upload_error, "preparing:", strlen("preparing:"));

	switch (host_module_state(host)) {
	case MODULE_STATE_SHUTDOWN:
	case MODULE_STATE_LOST:
		return explain_state(host);
	case MODULE_STATE_UNTOLD:
		if (!preparing)
			return untold_failure;
		break;
	default:
		break;
	}
	return explain_word(word ? word + 1 : upload_error);
}
