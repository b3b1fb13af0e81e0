// libpq, PostgreSQL's client.
#pragma once
#include <libpq-fe.h>
