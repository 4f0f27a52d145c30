// Package payload turns a configuration into calls: it fills in placeholders, and templates in path parameters, query parameters,
// header fields and the payload.
//
//	{{seq}} {{seq 1000}}      number of the request, from 0 or another number
//	{{uuid}}                  random, of version 4
//	{{int 1 100}}             whole number, both ends included
//	{{float 0 1}}             number with six decimals
//	{{hex 8}}                 so many hexadecimal digits
//	{{choice a b c}}          one of the words
//	{{now}} {{unix_ms}}       time as RFC 3339, and in milliseconds since 1970
//	{{client}}                number of the client, from 0
//	{{row.COLUMN}}            from the CSV file: request n takes row n, and begins again after the last one
//	{{env.NAME}}              a variable of the environment that the user allowed
//	{{{{                      {{ itself
//
// Random values are drawn from the seed and the number of the request, so that a run can be repeated whichever client sends what.
// Values are escaped for where they stand: in URLs always, in a payload if that is JSON.
package payload
