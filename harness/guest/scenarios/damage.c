// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random damage to good images. Whatever it hits, the upload is refused in phase preparing, but
 * for the bytes that neither the file's format nor the signature covers.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest.h"

#include "scenario.h"

#define NR_BYTES		300
#define NR_CUTS			100
#define NR_EXTENSIONS		20
#define MAX_COMPLAINTS		10
#define TD_INTERVAL		50
#define NR_COUNTS		3
#define TIMEOUT_MS		20000

/* In both formats: two bytes that nobody has to fill, and the half page behind the sigstruct. */
#define PAGE			4096U
#define CHECKSUM_BEGIN		2U
#define CHECKSUM_END		4U
#define TAIL_BEGIN		(PAGE + 2048U)
#define TAIL_END		(2 * PAGE)

#define REFUSED_PHASE		"preparing:"
#define REFUSED_SIZE		"preparing:invalid-file-size"

struct tally {
	unsigned int nr_refused;
	unsigned int nr_taken;
	unsigned int nr_wrong;
};

static bool is_harmless(size_t offset)
{
	return (offset >= CHECKSUM_BEGIN && offset < CHECKSUM_END) ||
	       (offset >= TAIL_BEGIN && offset < TAIL_END);
}

static bool td_goes_on(struct td *td)
{
	return !td_wait_counts(td, NR_COUNTS, TIMEOUT_MS) && !td_nr_lost(td);
}

/* Returns whether the upload ended as it should, and counts how it did. */
static bool upload_ends(struct world *world, const struct image *image, bool taken,
			const char *error_begins, struct tally *tally, char *error)
{
	char state[TEXT_SIZE];
	bool good;

	if (upload(image, error) || read_text(HOST_DIR "module_state", state))
		return false;
	tally->nr_taken += !*error;
	tally->nr_refused += !!*error;

	good = taken ? !*error : !strncmp(error, error_begins, strlen(error_begins));
	if ((tally->nr_taken + tally->nr_refused) % TD_INTERVAL == 0)
		good = good && td_goes_on(world->td);
	return good && !strcmp(state, "ready");
}

static void damage_byte(struct world *world, const struct image *image, struct tally *tally)
{
	size_t offset = random() % image->size;
	char flip = 1 + random() % UINT8_MAX;
	char error[TEXT_SIZE] = "";

	image->bytes[offset] ^= flip;
	if (!upload_ends(world, image, is_harmless(offset), REFUSED_PHASE, tally, error) &&
	    tally->nr_wrong++ < MAX_COMPLAINTS)
		ksft_print_msg("byte %zu ^ %#x: '%s'\n", offset, (unsigned char)flip, error);
	image->bytes[offset] ^= flip;
}

/* From 1 to @most bytes; half of them whole pages, which is harder to notice. */
static size_t some_size(size_t most)
{
	size_t size = 1 + random() % most;

	return random() % 2 ? size : (size + PAGE - 1) / PAGE * PAGE;
}

static void resize(struct world *world, const struct image *image, size_t size,
		   struct tally *tally)
{
	struct image other = { .size = size };
	char error[TEXT_SIZE] = "";

	other.bytes = calloc(1, other.size);
	if (!other.bytes)
		err(EXIT_FAILURE, "a damaged image");
	memcpy(other.bytes, image->bytes, size < image->size ? size : image->size);
	if (!upload_ends(world, &other, false, REFUSED_SIZE, tally, error) &&
	    tally->nr_wrong++ < MAX_COMPLAINTS)
		ksft_print_msg("%zu bytes instead of %zu: '%s'\n", size, image->size, error);
	image_free(&other);
}

static void cut(struct world *world, const struct image *image, struct tally *tally)
{
	resize(world, image, some_size(image->size - PAGE), tally);
}

static void extend(struct world *world, const struct image *image, struct tally *tally)
{
	resize(world, image, image->size + some_size(image->size), tally);
}

static bool damage_many(struct world *world, const char *what, unsigned int nr,
			void (*damage)(struct world *world, const struct image *image,
				       struct tally *tally))
{
	struct image image = { };
	struct tally tally = { };

	if (make_image(world, "", &image))
		return false;
	for (unsigned int i = 0; i < nr; i++)
		damage(world, &image, &tally);
	image_free(&image);
	ksft_print_msg("format %u, %u random %s: %u refused, %u taken, %u wrong\n",
		       world->format, nr, what, tally.nr_refused, tally.nr_taken,
		       tally.nr_wrong);
	return !tally.nr_wrong && td_goes_on(world->td);
}

bool damage_bytes(struct world *world)
{
	return damage_many(world, "bytes", NR_BYTES, damage_byte);
}

bool damage_sizes(struct world *world)
{
	return damage_many(world, "truncations", NR_CUTS, cut) &
	       damage_many(world, "extensions", NR_EXTENSIONS, extend);
}
