"""One self-contained page that shows what a check found."""

from sheetnet.report.check.html.page import checking_html as checking_html
from sheetnet.report.check.html.view import Words as Words
