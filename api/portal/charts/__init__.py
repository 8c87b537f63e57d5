"""Figures as SVG, made of integers; each chart has a table that says the same.

drawing     elements, lengths and shares; a bar
sankey      flows through layers, each as thick as its amount
funnel      stages, each a part of the first
decline     what is left, month by month, beside an even pace
months      columns by month

A chart is drawn without style attributes, which the content security policy forbids: classes say
the colours. Horizontal places are shares of the width, so a chart is as wide as its card and its
text always of one size. Lengths are integers of hundredths.
"""

from api.portal.charts.decline import decline
from api.portal.charts.drawing import Chart, bar
from api.portal.charts.funnel import funnel
from api.portal.charts.months import months
from api.portal.charts.sankey import Flow, Node, sankey

__all__ = ["Chart", "Flow", "Node", "bar", "decline", "funnel", "months", "sankey"]
