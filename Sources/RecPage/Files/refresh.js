// Lets any view ask for the shop's facts again, without knowing the shell.
let reload = async () => {};

/** The shell says how it is done. */
export const onRefresh = (how) => { reload = how; };

/** Asks for /page/data/shop again, for instance after another model came into service. */
export const refreshShop = () => reload();
