// Package portal serves the web pages of the platform: for firms, banks, the government, the auditor and the public.
//
// It owns the routes, the page templates (*.templ), their texts in Chinese and English (messages/), the Cedar policies that say who may
// open or send what (policies/), the session and CSRF cookies, and the few scripts and styles of its own (web/). Pages are rendered on the
// server and work without JavaScript; forms post and redirect.
//
// It must never decide anything of the business: it calls the services, which are bound to the tenant, and shows what they say. It must never
// show a stack trace, a raw identity number, or a text that is not in the message catalogue or from a service in the page's language.
package portal
