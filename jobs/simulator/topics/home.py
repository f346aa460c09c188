"""Topics: gardening on balconies, home electrics, woodworking by hand, beekeeping."""

from jobs.simulator.topics.topic import Local, Topic, lines

HOME = (
    Topic(
        name="gardening on balconies",
        group="Home and Garden",
        subjects=lines("""
            tomatoes in pots
            herbs on the windowsill
            balcony flowers for bees
            watering during holidays
            vertical planters
            shade balconies
            sowing indoors
            strawberries in hanging baskets
            container soil and compost
            salad from the balcony
            overwintering potted plants
            climbing beans
        """),
        books=lines("""
            Four Square Metres
            The Railing Garden
            A Pot Is Enough
            Basil in the City
            Green above the Street
        """),
        kits=lines("""
            Balcony Herb Garden with Six Pots
            Self-Watering Planter for Railings
            Heirloom Tomato Seed Collection
            Windowsill Propagator with Lid
            Worm Composter for Small Spaces
        """),
        films=lines("""
            The Tenants' Garden
            Fifth Floor Facing South
            A Summer of Tomatoes
            Bees over the Tram Line
        """),
        magazines=lines("""
            Pot and Railing
            The Small Garden
        """),
        talks=lines("""
            Why Do My Tomatoes Split?
            What Grows on a North-Facing Balcony?
            How to Go on Holiday without Losing the Basil
            How Much Weight Can a Balcony Carry?
            Which Flowers Do City Bees Need?
        """),
        sentences=lines("""
            A tomato in a pot drinks two litres on a hot day.
            Herbs from the south want poor soil and little water.
            Pots dry out from the edge, so bigger ones forgive more.
            Salad cut leaf by leaf keeps growing for weeks.
            Even a shady railing will carry ivy, mint and ferns.
            Clay pots breathe, plastic ones keep the water longer.
            Beans climb a string faster than you would think.
            Old potting soil can be used again with a little compost.
        """),
        queries=lines("""
            tomatoes on the balcony
            herb garden for the windowsill
            plants for a shady balcony
            self watering planter
            when to sow indoors
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Tomaten auf dem Balkon
                    Kräuter auf der Fensterbank
                    Balkonblumen für Bienen
                """),
                lines("""
                    Eine Tomate im Topf trinkt an heißen Tagen zwei Liter.
                    Kräuter aus dem Süden wollen magere Erde.
                """),
            ),
            Local(
                "fr",
                lines("""
                    le potager de balcon
                    les herbes aromatiques en pot
                    les fleurs de balcon
                """),
                lines("""
                    Les grands pots pardonnent davantage.
                    Une salade coupée feuille à feuille repousse longtemps.
                """),
            ),
            Local(
                "es",
                lines("""
                    el huerto en el balcón
                    las hierbas en maceta
                    los tomates en maceta
                """),
                lines("""
                    Un tomate en maceta bebe dos litros en un día de calor.
                    El barro respira y el plástico guarda el agua.
                """),
            ),
        ),
    ),
    Topic(
        name="home electrics",
        group="Home and Garden",
        subjects=lines("""
            replacing a light switch
            fuse boxes
            planning sockets for a new kitchen
            LED lighting at home
            testing a circuit
            residual current devices
            wiring a garden shed
            reading an electricity meter
            smart thermostats
            small solar panels for the balcony
            electrical safety for tenants
            hanging ceiling lamps
        """),
        books=lines("""
            Switch It Off First
            The Wire behind the Wall
            Twelve Volts, Two Hundred and Thirty
            A House and Its Circuits
            Mains Sense
        """),
        kits=lines("""
            Two-Pole Voltage Tester
            Insulated Screwdriver Set
            Plug-In Energy Meter
            LED Strip Set with Dimmer
            Balcony Solar Panel with Inverter
        """),
        films=lines("""
            The Day the Lights Came
            Behind the Socket
            Blackout at Number Nine
            Power Station Summer
        """),
        magazines=lines("""
            Fuse
            The Careful Electrician
        """),
        talks=lines("""
            Why Does the Breaker Trip at Breakfast?
            What May a Tenant Repair?
            How Many Sockets Does a Kitchen Need?
            Is the Earth Wire Really Connected?
            What Stand-By Costs in a Year
        """),
        sentences=lines("""
            Switch off, lock the fuse box, and test that the wire is dead.
            The residual current device saves lives and should be tested twice a year.
            A warm plug is a bad plug.
            Two lamps on one circuit are fine, two ovens are not.
            Colours of wires changed over the decades, so never trust them alone.
            Good light comes from several small lamps and not from one bright one.
            The meter in the hall shows which device runs at night.
            Some jobs belong to a licensed electrician, and this says which.
        """),
        queries=lines("""
            how to replace a light switch
            voltage tester
            fuse keeps tripping
            balcony solar panel
            wiring plan kitchen
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Elektrik im Haus
                    Lampen sicher anschließen
                    Der Sicherungskasten
                """),
                lines("""
                    Abschalten, sichern und prüfen, ob die Leitung tot ist.
                    Ein warmer Stecker ist ein schlechter Stecker.
                """),
            ),
            Local(
                "fr",
                lines("""
                    l'électricité à la maison
                    le tableau électrique
                    l'éclairage LED
                """),
                lines("""
                    On coupe, on verrouille, puis on vérifie.
                    Le différentiel se teste deux fois par an.
                """),
            ),
            Local(
                "es",
                lines("""
                    la electricidad en casa
                    el cuadro eléctrico
                    la iluminación LED
                """),
                lines("""
                    Primero se corta la corriente y después se comprueba.
                    Un enchufe caliente es un mal enchufe.
                """),
            ),
        ),
    ),
    Topic(
        name="woodworking by hand",
        group="Home and Garden",
        subjects=lines("""
            dovetail joints
            sharpening planes and chisels
            building a workbench
            oil and wax finishes
            Japanese saws
            spoon carving
            chairs from green wood
            flattening boards
            small boxes
            choosing timber
            mortise and tenon joints
            restoring old tools
        """),
        books=lines("""
            The Quiet Workshop
            Shavings
            One Plank, Nine Boxes
            Along the Grain
            A Bench of My Own
        """),
        kits=lines("""
            Dovetail Saw and Marking Gauge
            Set of Four Bevel-Edge Chisels
            Spoon Carving Set with Birch Blanks
            Whetstone 1000/6000 with Holder
            Small Box Kit of Walnut
        """),
        films=lines("""
            The Chair Maker's Yard
            From Tree to Table
            Eleven Joints without a Nail
            The Plane in the Attic
        """),
        magazines=lines("""
            Mallet
            Grain Direction
        """),
        talks=lines("""
            How Sharp Is Sharp?
            Pins or Tails First?
            Why Does Wood Move in Winter?
            Can You Build Furniture in a Flat?
            What an Old Plane Can Still Do
        """),
        sentences=lines("""
            A sharp chisel needs no force, and no force means no blood.
            Wood swells across the grain and hardly ever along it.
            Saw on the waste side of the line and let the joint be tight.
            Three coats of oil, each wiped off, beat one thick coat.
            Green wood carves like butter and dries into its final shape.
            The first project is always a bench to build the second one on.
            A hand plane leaves a surface that sandpaper cannot match.
            Good timber is chosen by looking at the end of the board.
        """),
        queries=lines("""
            how to cut dovetails
            sharpen a chisel
            build a workbench
            wood carving for beginners
            oil finish for a table
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Holzverbindungen von Hand
                    Hobel und Stechbeitel schärfen
                    Löffel schnitzen
                """),
                lines("""
                    Ein scharfer Stechbeitel braucht keine Kraft.
                    Holz arbeitet quer zur Faser, kaum entlang.
                """),
            ),
            Local(
                "fr",
                lines("""
                    le travail du bois à la main
                    les queues d'aronde
                    l'affûtage des outils
                """),
                lines("""
                    Un ciseau bien affûté ne demande aucune force.
                    Le bois bouge en travers du fil.
                """),
            ),
            Local(
                "es",
                lines("""
                    la carpintería a mano
                    las uniones de madera
                    el afilado de herramientas
                """),
                lines("""
                    Un formón afilado no necesita fuerza.
                    Tres capas finas de aceite valen más que una gruesa.
                """),
            ),
        ),
    ),
    Topic(
        name="beekeeping",
        group="Home and Garden",
        subjects=lines("""
            a first bee colony
            harvesting honey
            swarms in May
            varroa mites
            building beehives
            queen rearing
            bees in winter
            beeswax candles
            plants that bees love
            the bee dance
            keeping bees in the city
            wild bees and their nests
        """),
        books=lines("""
            The Hive behind the Shed
            Smoke and Honey
            Forty Thousand Sisters
            A Queen in June
            Notes from the Apiary
        """),
        kits=lines("""
            Beekeeper's Starter Set with Smoker and Veil
            Wooden Hive with Ten Frames
            Honey Extractor for Four Frames
            Beeswax Candle Making Kit
            Wild Bee Nesting Block
        """),
        films=lines("""
            The Heather Honey Road
            Swarm
            Roof of the Opera
            Inside the Winter Cluster
        """),
        magazines=lines("""
            The Flight Board
            Comb and Clover
        """),
        talks=lines("""
            Why Do Bees Swarm?
            How Much Honey Can I Take?
            What Does a Bee Tell the Others?
            Are City Bees Better Off?
            How Do Bees Keep Warm in Winter?
        """),
        sentences=lines("""
            A colony in June has more bees than a small town has people.
            The queen lays up to two thousand eggs on a good day.
            Smoke makes bees fill up on honey and forget about the visitor.
            A swarm on a branch is gentle because it has nothing to defend.
            Honey is ripe when the bees have closed the cells with wax.
            In winter the cluster shivers to keep its middle warm.
            Dancing bees tell direction by the sun and distance by time.
            Mites are the beekeeper's main worry from July on.
        """),
        queries=lines("""
            how to start beekeeping
            beehive kit
            when to harvest honey
            treat varroa mites
            flowers for wild bees
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Imkern für Anfänger
                    Honig ernten
                    Bienen im Winter
                """),
                lines("""
                    Im Juni hat ein Volk mehr Bienen als eine Kleinstadt Einwohner.
                    Reifer Honig ist mit Wachs verschlossen.
                """),
            ),
            Local(
                "fr",
                lines("""
                    l'apiculture de loisir
                    la récolte du miel
                    les abeilles sauvages
                """),
                lines("""
                    La fumée pousse les abeilles à se gorger de miel.
                    Le miel est mûr quand les cellules sont fermées.
                """),
            ),
            Local(
                "es",
                lines("""
                    la apicultura en casa
                    la cosecha de la miel
                    las abejas en invierno
                """),
                lines("""
                    Un enjambre en una rama es manso.
                    En invierno el racimo tiembla para darse calor.
                """),
            ),
        ),
    ),
)
