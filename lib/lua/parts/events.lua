-- SPDX-License-Identifier: MIT

local EVENTS_MAX = '100000' -- entries of the stream, about
