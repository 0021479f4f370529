// The answer is given; the window was opened for it alone.
window.close();
