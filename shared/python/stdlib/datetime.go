package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// newDatetime makes the datetime module. Its classes cannot be inherited from, and
// timezone is the only kind of tzinfo.
func newDatetime(Host) *runtime.Module {
	return runtime.NewModule("datetime", runtime.Members{
		"date": dateClass, "time": clockClass, "datetime": momentClass, "timedelta": deltaClass,
		"tzinfo": tzinfoClass, "timezone": timezoneClass, "UTC": utc,
		"MINYEAR": runtime.NewInt(minYear), "MAXYEAR": runtime.NewInt(maxYear),
	})
}
