// Package calendar is the time of day and the dates by which the platform's people live.
//
// It owns the time zone. It must never read a clock: moments are given to it.
package calendar

import "time"

// Shanghai is UTC+8: China has kept it without summer time since 1991, so no time-zone data need be on the machine.
func Shanghai() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }
