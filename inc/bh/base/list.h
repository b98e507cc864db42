/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Doubly linked circular list; the links live in the objects, so no operation can fail.
 * An unlinked entry points at itself. Locks: those of the list's owner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *prev;
};

/* Versions of clang-format differ on these. */
/* clang-format off */
#define LIST_ENTRY(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))
/* clang-format on */

/* The body must not unlink `link`; use list_take_first for that. */
#define LIST_FOR_EACH(link, head)                                                                  \
    for (struct list *link = (head)->next; link != (head); link = link->next)

static inline void list_init(struct list *l)
{
    l->next = l;
    l->prev = l;
}

static inline bool list_is_empty(const struct list *head)
{
    return head->next == head;
}

static inline void list_append(struct list *head, struct list *entry)
{
    entry->prev = head->prev;
    entry->next = head;
    head->prev->next = entry;
    head->prev = entry;
}

static inline void list_remove(struct list *entry)
{
    entry->prev->next = entry->next;
    entry->next->prev = entry->prev;
    list_init(entry);
}

/* The first entry, unlinked; NULL: the list is empty. */
static inline struct list *list_take_first(struct list *head)
{
    struct list *first = head->next;

    if (first == head) {
        return NULL;
    }
    list_remove(first);
    return first;
}
