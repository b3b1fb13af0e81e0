// hiredis, Redis' client.
#pragma once
#include <hiredis/hiredis.h>
