package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"golang.org/x/term"
)

// Mask stands in the log for what must not be read there.
const Mask = "***"

// secretKeys are the attribute names whose values are masked. A token here is a rate token, and no secret.
var secretKeys = map[string]bool{
	"access_token": true, "api_key": true, "authorization": true, "cookie": true, "creds": true, "env": true,
	"password": true, "secret": true,
}

// NewLogger returns a logger that writes to w from the given level (debug, info, warn, error) up: text when w is a
// terminal and JSON lines otherwise. It fails when the level is none of these.
func NewLogger(w io.Writer, level string) (*slog.Logger, error) {
	var threshold slog.Level
	if err := threshold.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: want debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: threshold, ReplaceAttr: maskSecrets}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return slog.New(slog.NewTextHandler(w, options)), nil
	}
	return slog.New(slog.NewJSONHandler(w, options)), nil
}

func maskSecrets(_ []string, attr slog.Attr) slog.Attr {
	if secretKeys[strings.ToLower(attr.Key)] {
		return slog.String(attr.Key, Mask)
	}
	switch value := attr.Value.Resolve(); value.Kind() {
	case slog.KindString:
		attr.Value = slog.StringValue(RedactURL(value.String()))
	case slog.KindAny:
		switch v := value.Any().(type) {
		case *url.URL:
			attr.Value = slog.StringValue(RedactURL(v.String()))
		case error:
			attr.Value = slog.StringValue(RedactURL(v.Error()))
		}
	default: // numbers and times hide nothing, and the members of a group come here by themselves
	}
	return attr
}

// RedactURL masks the userinfo of every URL in a text, such as nats://user:password@host or an error that quotes it. A password
// may hold what ends the host of a URL: what looks like a host with a port that is no number is taken for a part of the userinfo.
func RedactURL(text string) string {
	var clean strings.Builder
	for {
		before, after, found := strings.Cut(text, "://")
		clean.WriteString(before)
		if !found {
			return clean.String()
		}
		clean.WriteString("://")
		end := strings.IndexAny(after, "/?# \"'\n\t")
		if end < 0 {
			end = len(after)
		}
		if strings.HasPrefix(after[end:], "//") && strings.HasSuffix(after[:end], ":") {
			end-- // the next URL of a list
		} else if at := strings.LastIndexByte(firstWord(after), '@'); at > end && !isHost(after[:end]) {
			end = at + 1
		}
		authority := after[:end]
		if at := strings.LastIndexByte(authority, '@'); at >= 0 {
			authority = Mask + authority[at:]
		}
		clean.WriteString(authority)
		text = after[end:]
	}
}

// isHost reports whether a text may be a host with its port, as far as its last colon tells.
func isHost(text string) bool {
	return strings.Contains(text, "@") || strings.Trim(text[strings.LastIndexByte(text, ':')+1:], "0123456789]") == "" ||
		!strings.Contains(text, ":")
}

// firstWord is what comes before the first blank or quotation mark.
func firstWord(text string) string {
	if end := strings.IndexAny(text, " \"'\n\t"); end >= 0 {
		return text[:end]
	}
	return text
}
